//! Lists the paths to modules of its own crate that a source file contains.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path from the crate's root, such as `["state", "pins", "Pins"]`.
pub(super) type Path = Vec<String>;

/// All paths in a file that begin with `crate`, `self` or `super`, from the crate's root. Tokens are read rather
/// than the syntax tree, so paths within macros are found, too. Modules for tests are skipped.
pub(super) fn in_file(tokens: TokenStream, module: &[String]) -> Vec<Path> {
    let mut paths = Vec::new();
    collect(tokens, module, &mut paths);
    paths
}

/// The names that `use` declarations of the crate's root import, each with the path that it stands for.
pub(super) fn root_imports(tokens: TokenStream) -> Vec<(String, Path)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut imports = Vec::new();
    for at in 0..tokens.len() {
        if is_ident(&tokens[at], "use") {
            let mut paths = Vec::new();
            tree(&tokens[at + 1..], &[], &mut paths);
            let named = |path: Path| Some((path.last()?.clone(), path));
            imports.extend(paths.into_iter().filter_map(named));
        }
    }
    imports
}

fn collect(tokens: TokenStream, module: &[String], paths: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        // `mod name { … }`
        if let [
            TokenTree::Ident(keyword),
            TokenTree::Ident(name),
            TokenTree::Group(body),
            ..,
        ] = &tokens[at..]
            && keyword == "mod"
        {
            if name != "tests" {
                let inner = [module, &[name.to_string()]].concat();
                collect(body.stream(), &inner, paths);
            }
            at += 3;
            continue;
        }
        if let TokenTree::Group(group) = &tokens[at] {
            collect(group.stream(), module, paths);
        }
        // `crate::…`, `self::…`, `super::super::…`, at the beginning of a path.
        let base = match &tokens[at] {
            TokenTree::Ident(ident) if ident == "crate" => Some(&module[..0]),
            TokenTree::Ident(ident) if ident == "self" => Some(module),
            TokenTree::Ident(ident) if ident == "super" => {
                module.split_last().map(|(_, parent)| parent)
            }
            _ => None,
        };
        at += 1;
        if let Some(mut base) = base.filter(|_| is_separator(&tokens[at..])) {
            at += 2;
            while tokens.get(at).is_some_and(|token| is_ident(token, "super"))
                && is_separator(&tokens[at + 1..])
                && let Some((_, parent)) = base.split_last()
            {
                base = parent;
                at += 3;
            }
            tree(&tokens[at..], base, paths);
        }
    }
}

/// Appends the paths of a tree such as `a::{b, c::d as e}`.
fn tree(tokens: &[TokenTree], base: &[String], paths: &mut Vec<Path>) {
    let mut path = base.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(ident) => {
                if ident != "self" && ident != "crate" {
                    path.push(ident.to_string());
                }
                at += 1;
                if !is_separator(&tokens[at..]) {
                    break;
                }
                at += 2;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for item in inner.split(|token| is_punct(token, ',')) {
                    if !item.is_empty() {
                        tree(item, &path, paths);
                    }
                }
                return;
            }
            _ => break,
        }
    }
    paths.push(path);
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Whether the tokens begin with `::`.
fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second, ..] if is_punct(first, ':') && is_punct(second, ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(module: &[&str], source: &str) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        in_file(source.parse().unwrap(), &module)
            .iter()
            .map(|path| path.join("::"))
            .collect()
    }

    #[test]
    fn in_file_expands_use_trees() {
        let source = "use crate::a::{self, b, c::D as E}; use std::fmt;";
        assert_eq!(found(&["m"], source), ["a", "a::b", "a::c::D"]);
    }

    #[test]
    fn in_file_resolves_super_and_self() {
        assert_eq!(
            found(&["m", "n"], "use super::x; use super::super::y;"),
            ["m::x", "y"]
        );
        assert_eq!(
            found(&["m"], "fn f() { self::g(); super::h() }"),
            ["m::g", "h"]
        );
        assert_eq!(found(&["m"], "mod inner { use super::super::y; }"), ["y"]);
    }

    #[test]
    fn in_file_reads_macros_and_skips_tests() {
        assert_eq!(found(&["m"], "view! { <p>{crate::a::b()}</p> }"), ["a::b"]);
        assert_eq!(
            found(&["m"], "mod tests { use crate::a; }"),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&["m"], "pub(crate) fn f(&self) { self.x }"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn root_imports_lists_names() {
        let imports = root_imports("pub use a::b::{C, D}; mod a;".parse().unwrap());
        let text: Vec<_> = imports
            .iter()
            .map(|(name, path)| format!("{name} = {}", path.join("::")))
            .collect();
        assert_eq!(text, ["C = a::b::C", "D = a::b::D"]);
    }
}
