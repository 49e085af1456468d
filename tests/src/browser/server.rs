//! Serves the built page from memory on a sub-path, like a static host.
//!
//! - Tests can replace replies ([`Server::replace`]): broken weights, a missing file, an outdated worker.
//! - Each request is recorded with the number of bytes sent ([`Server::requests`]).
//! - The browser uses this server as its proxy, so requests to other origins, from the page or a worker,
//!   arrive here as well; they are rejected and recorded ([`Server::foreign`]).

use super::paths;
use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::UNIX_EPOCH,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The policy that the page must work under. It is sent with every file of a page that has it as a meta element, because
/// workers have policies of their own. The bench's site, with other libraries, has none.
const POLICY: &str = include_str!("../../../www/content-security-policy.txt");

/// The page must work on any path, so it is not served from the root.
const BASE: &str = "/some/where/";

/// The path of files that this server has as another host ([`Server::share`]).
const ELSEWHERE: &str = "/elsewhere/";

/// A host name for this server that is not localhost, so that the page is not in a secure context. It does not
/// resolve; the browser reaches it through the proxy.
const UNENCRYPTED: &str = "unencrypted.test";

/// Hosts that Chromium itself contacts despite all flags. These requests are rejected but not attributed to the
/// page. Full names only, because the page could request `fonts.googleapis.com`, for example.
const BROWSERS_OWN: [&str; 8] = [
    "accounts.google.com",
    "android.clients.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "start.duckduckgo.com",
    "update.googleapis.com",
    "www.google.com",
];

/// Names the service worker in `index.html`. Left out unless a test asks for it ([`Server::offer_service_worker`]): a
/// service worker fetches all files in the background and answers requests that tests and the bench count.
const SERVICE_WORKER: &str = "<meta name=\"service-worker\" content=\"service-worker.js\">";

/// How replies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// None: the fastest, for tests.
    None,
    /// Gzip, as on GitHub Pages.
    Gzip,
    /// Brotli, as on most other static hosts.
    Brotli,
}

impl Compression {
    /// The value of `Content-Encoding`; `None` for [`Compression::None`].
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// A reply that a test sets in place of a file.
pub enum Reply {
    /// 404.
    NotFound,
    /// These bytes, with the file's content type.
    Bytes(Vec<u8>),
    /// The file's bytes, modified.
    Edit(fn(Vec<u8>) -> Vec<u8>),
    /// No reply; the connection stays open.
    Never,
}

struct Replacement {
    applies: Box<dyn Fn(&str) -> bool + Send>,
    reply: Reply,
    /// How many more requests get this reply.
    remaining: usize,
}

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query relative to the page's URL, or the whole URL for another origin.
    pub path: String,
    /// HTTP status of the reply.
    pub status: u16,
    /// Size of the reply's body as sent, in bytes.
    pub bytes: usize,
    /// Arrival time in milliseconds since 1970, comparable to the page's clock.
    pub at_ms: f64,
}

/// A file of another host.
struct Shared {
    bytes: Vec<u8>,
    /// Whether pages of other hosts may read it.
    allows_others: bool,
}

/// Compressed files, by path.
type Compressed = HashMap<(String, Compression), Vec<u8>>;

struct Site {
    files: BTreeMap<String, Vec<u8>>,
    compression: Compression,
    has_policy: bool,
    offers_service_worker: AtomicBool,
    offline: AtomicBool,
    compressed: Mutex<Compressed>,
    replacements: Mutex<Vec<Replacement>>,
    shared: Mutex<HashMap<String, Shared>>,
    requests: Mutex<Vec<Request>>,
    foreign: Mutex<Vec<Request>>,
}

/// A static server on a free local port. It stops when dropped.
pub struct Server {
    site: Arc<Site>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url()).finish()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Serves the files of a folder.
    ///
    /// # Errors
    ///
    /// If the folder can't be read or no port is free.
    pub async fn start(dist: &Path, compression: Compression) -> Result<Self> {
        let mut files = BTreeMap::new();
        read_folder(dist, "", &mut files)?;
        let has_policy = files.get("index.html").is_some_and(|page| {
            String::from_utf8_lossy(page).contains("http-equiv=\"Content-Security-Policy\"")
        });
        let site = Arc::new(Site {
            files,
            compression,
            has_policy,
            offers_service_worker: AtomicBool::new(false),
            offline: AtomicBool::new(false),
            compressed: Mutex::default(),
            replacements: Mutex::default(),
            shared: Mutex::default(),
            requests: Mutex::default(),
            foreign: Mutex::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port to serve the page from")?;
        let address = listener.local_addr()?;
        let app = Router::new().fallback(serve).with_state(site.clone());
        let task = tokio::spawn(async move {
            // Runs until the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            site,
            address,
            task,
        })
    }

    /// The page's URL, with a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// The page's URL outside of a secure context, so without WebGPU.
    pub fn unencrypted_url(&self) -> String {
        format!("http://{UNENCRYPTED}{BASE}")
    }

    /// Serves a file as another host, localhost, and returns its URL. Pages of other hosts may read it if `allows_others`.
    pub fn share(&self, name: &str, bytes: Vec<u8>, allows_others: bool) -> String {
        let shared = Shared {
            bytes,
            allows_others,
        };
        lock(&self.site.shared).insert(name.to_owned(), shared);
        format!("http://localhost:{}{ELSEWHERE}{name}", self.address.port())
    }

    /// `host:port`, for the browser's proxy setting.
    pub fn proxy(&self) -> String {
        self.address.to_string()
    }

    /// The paths, relative to the page's URL, and contents of the served files.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let files = self.site.files.iter();
        files.map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Compresses all files in advance, so that no request has to wait, and returns the size of each file as
    /// sent, in bytes.
    pub fn sizes_as_sent(&self) -> BTreeMap<String, usize> {
        let files = self.site.files.iter();
        files
            .map(|(path, bytes)| {
                let compress = self.site.compression != Compression::None && is_compressible(path);
                let size = if compress {
                    self.site.compressed(path, bytes).len()
                } else {
                    bytes.len()
                };
                (path.clone(), size)
            })
            .collect()
    }

    /// Replaces the reply to all requests whose path and query satisfy `applies`.
    pub fn replace(&self, applies: impl Fn(&str) -> bool + Send + 'static, reply: Reply) {
        self.replace_times(usize::MAX, applies, reply);
    }

    /// The same for the next `times` requests only.
    pub fn replace_times(
        &self,
        times: usize,
        applies: impl Fn(&str) -> bool + Send + 'static,
        reply: Reply,
    ) {
        lock(&self.site.replacements).push(Replacement {
            applies: Box::new(applies),
            reply,
            remaining: times,
        });
    }

    /// From now on, the page is served as it was built, with its service worker.
    pub fn offer_service_worker(&self) {
        self.site
            .offers_service_worker
            .store(true, Ordering::Relaxed);
    }

    /// Whether connections break from now on, as without a network.
    pub fn set_offline(&self, offline: bool) {
        self.site.offline.store(offline, Ordering::Relaxed);
    }

    /// Removes all replacements.
    pub fn restore(&self) {
        lock(&self.site.replacements).clear();
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.site.requests).clone()
    }

    /// The page's requests to other origins so far.
    pub fn foreign(&self) -> Vec<Request> {
        lock(&self.site.foreign).clone()
    }

    /// Clears the recorded requests.
    pub fn forget(&self) {
        lock(&self.site.requests).clear();
        lock(&self.site.foreign).clear();
    }
}

impl Site {
    /// A file as it is served.
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let bytes = self.files.get(path)?;
        if path == "index.html" && !self.offers_service_worker.load(Ordering::Relaxed) {
            return Some(
                String::from_utf8_lossy(bytes)
                    .replace(SERVICE_WORKER, "")
                    .into_bytes(),
            );
        }
        Some(bytes.clone())
    }

    fn compressed(&self, path: &str, bytes: &[u8]) -> Vec<u8> {
        let key = (path.to_owned(), self.compression);
        if let Some(known) = lock(&self.compressed).get(&key) {
            return known.clone();
        }
        let compressed = compress(bytes, self.compression);
        lock(&self.compressed).insert(key, compressed.clone());
        compressed
    }

    /// The replacement for this request, if any remains.
    fn replacement(&self, path: &str, asked: &str) -> Option<Result<Vec<u8>, StatusCode>> {
        let mut replacements = lock(&self.replacements);
        let found = replacements
            .iter_mut()
            .find(|candidate| candidate.remaining > 0 && (candidate.applies)(asked))?;
        found.remaining -= 1;
        Some(match &found.reply {
            Reply::NotFound => Err(StatusCode::NOT_FOUND),
            Reply::Never => Err(StatusCode::REQUEST_TIMEOUT),
            Reply::Bytes(bytes) => Ok(bytes.clone()),
            Reply::Edit(edit) => self
                .files
                .get(path)
                .map(|bytes| edit(bytes.clone()))
                .ok_or(StatusCode::NOT_FOUND),
        })
    }
}

async fn serve(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let at_ms = UNIX_EPOCH
        .elapsed()
        .map_or(0.0, |now| now.as_secs_f64() * 1e3);
    // Clients send the authority only to a proxy.
    let ours = uri.host() == Some(UNENCRYPTED) && method == Method::GET;
    if method == Method::CONNECT || (uri.authority().is_some() && !ours) {
        if !uri.host().is_some_and(|host| BROWSERS_OWN.contains(&host)) {
            lock(&site.foreign).push(Request {
                path: uri.to_string(),
                status: 403,
                bytes: 0,
                at_ms,
            });
        }
        return plain(StatusCode::FORBIDDEN);
    }
    if let Some(name) = uri.path().strip_prefix(ELSEWHERE) {
        return elsewhere(&site, name, at_ms);
    }
    let Some(path) = uri.path().strip_prefix(BASE) else {
        return record(&site, uri.path(), at_ms, plain(StatusCode::NOT_FOUND), 0);
    };
    let path = if path.is_empty() { "index.html" } else { path };
    if site.offline.load(Ordering::Relaxed) {
        let broken = futures_util::stream::once(async { Err::<Vec<u8>, _>("no network") });
        return Response::new(Body::from_stream(broken));
    }
    let asked = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let replacement = site.replacement(path, &asked);
    let replaced = replacement.is_some();
    let bytes = match replacement {
        Some(Err(StatusCode::REQUEST_TIMEOUT)) => {
            record(&site, &asked, at_ms, plain(StatusCode::REQUEST_TIMEOUT), 0);
            std::future::pending().await
        }
        Some(reply) => reply,
        None => site.file(path).ok_or(StatusCode::NOT_FOUND),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(status) => return record(&site, &asked, at_ms, plain(status), 0),
    };
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
        .unwrap_or_default();
    let encoding = site
        .compression
        .name()
        .filter(|name| !replaced && is_compressible(path) && accepted.contains(name));
    let body = match encoding {
        Some(_) => {
            let (site, path) = (site.clone(), path.to_owned());
            tokio::task::spawn_blocking(move || site.compressed(&path, &bytes))
                .await
                .unwrap_or_default()
        }
        None => bytes,
    };
    let mut reply = Response::builder()
        .header(header::CONTENT_TYPE, mime(path))
        .header(header::CACHE_CONTROL, "no-cache");
    if site.has_policy {
        let policy = POLICY.replace('\n', " ");
        reply = reply.header(header::CONTENT_SECURITY_POLICY, policy.trim());
    }
    if let Some(encoding) = encoding {
        reply = reply.header(header::CONTENT_ENCODING, encoding);
    }
    let length = body.len();
    let reply = reply
        .body(Body::from(body))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR));
    record(&site, &asked, at_ms, reply, length)
}

/// A file of another host.
fn elsewhere(site: &Site, name: &str, at_ms: f64) -> Response {
    let shared = lock(&site.shared);
    let path = format!("{ELSEWHERE}{name}");
    let Some(file) = shared.get(name) else {
        return record(site, &path, at_ms, plain(StatusCode::NOT_FOUND), 0);
    };
    let mut reply = Response::builder().header(header::CONTENT_TYPE, mime(name));
    if file.allows_others {
        reply = reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    }
    let length = file.bytes.len();
    let reply = reply
        .header(header::CONTENT_LENGTH, length)
        .body(Body::from(file.bytes.clone()))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR));
    record(site, &path, at_ms, reply, length)
}

fn record(site: &Site, path: &str, at_ms: f64, reply: Response, bytes: usize) -> Response {
    lock(&site.requests).push(Request {
        path: path.to_owned(),
        status: reply.status().as_u16(),
        bytes,
        at_ms,
    });
    reply
}

fn plain(status: StatusCode) -> Response {
    let mut reply = Response::new(Body::from(status.to_string()));
    *reply.status_mut() = status;
    reply
}

/// Compresses at the highest level, like a static host. This is slow, so results are cached below the target
/// folder.
fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let Some(name) = compression.name() else {
        return bytes.to_vec();
    };
    let hash: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = paths::target_dir().join("bench").join("compressed");
    let kept = folder.join(format!("{hash}.{name}"));
    if let Ok(known) = fs::read(&kept) {
        return known;
    }
    let mut compressed = Vec::new();
    // Writing to memory cannot fail.
    if compression == Compression::Gzip {
        let level = flate2::Compression::best();
        let mut gzip = flate2::write::GzEncoder::new(&mut compressed, level);
        let _ = gzip.write_all(bytes);
        let _ = gzip.finish();
    } else {
        let mut brotli = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 24);
        let _ = brotli.write_all(bytes);
    }
    // Cached if possible. Written under another name first, so that no partial file is ever read.
    let part = folder.join(format!("{hash}.{name}.{}", std::process::id()));
    let _ = fs::create_dir_all(&folder);
    let _ = fs::write(&part, &compressed).and_then(|()| fs::rename(&part, &kept));
    compressed
}

/// Whether a file is worth compressing. Shipped weights are, because they are quantized; some hosts need to be
/// configured for that.
fn is_compressible(path: &str) -> bool {
    path.ends_with(".safetensors")
        || path.ends_with(".decoder")
        || mime(path) != "application/octet-stream" && mime(path) != "image/png"
}

fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn read_folder(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files)?;
        } else if !is_compressed(&entry.path()) {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Whether a build wrote this file as the compressed form of another. This server compresses by itself.
fn is_compressed(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "br" || extension == "gz")
        && path.with_extension("").exists()
}

/// Ignores poisoning, so that the original panic is reported.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|broken| broken.into_inner())
}
