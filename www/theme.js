// Applies the stored theme before the first paint (stored by crates/page/src/shell/theme.rs).
try {
  const theme = localStorage.getItem("elbo-room-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is not available: use the system's theme.
}
