//! The page's program.

fn main() {
    page::start();
}
