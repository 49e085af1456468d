//! Serves the built page from memory, as a static host would, on a sub-path.
//!
//! - A test may put another reply in the place of a file ([`Server::replace`]): broken weights, a
//!   missing file, a stale worker.
//! - Each request is recorded with the number of bytes sent ([`Server::requests`]).
//! - The browser is told that this server is also its proxy for the rest of the world, so a request
//!   to another origin, from the page or from a worker, arrives here, is refused, and is recorded
//!   ([`Server::foreign`]).

use super::places;
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
    sync::{Arc, Mutex, MutexGuard},
    time::UNIX_EPOCH,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The page must work below any path, so it is never served from the root.
const BASE: &str = "/some/where/";

/// A name for this server that is not this machine's own, so that the browser takes it for a page
/// from the network without encryption. It resolves nowhere; the browser finds it by its proxy.
const UNENCRYPTED: &str = "unencrypted.test";

/// Where Chromium calls by itself, whatever flags forbid it. Refused like all others, but not the
/// page's doing. Whole names only: `fonts.googleapis.com` would be.
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

/// How replies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all: least work, for tests.
    None,
    /// As GitHub Pages does.
    Gzip,
    /// As most other static hosts do.
    Brotli,
}

impl Compression {
    /// The name in `Content-Encoding`; none for [`Compression::None`].
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// What a test puts in the place of a file.
pub enum Reply {
    /// 404.
    NotFound,
    /// These bytes, with the file's own type.
    Bytes(Vec<u8>),
    /// The file's bytes, changed.
    Edit(fn(Vec<u8>) -> Vec<u8>),
    /// The connection is held open and nothing is ever sent.
    Never,
}

struct Replacement {
    applies: Box<dyn Fn(&str) -> bool + Send>,
    reply: Reply,
    /// How many more requests get this reply.
    left: usize,
}

/// One request, as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query below the page's own address, or the whole address for a foreign one.
    pub path: String,
    /// The reply's status.
    pub status: u16,
    /// Bytes of the reply's body as sent, compressed or not.
    pub bytes: usize,
    /// When it came, in milliseconds since 1970, to compare with the page's clock.
    pub at_ms: f64,
}

/// Compressed files, by path.
type Compressed = HashMap<(String, Compression), Vec<u8>>;

struct Site {
    files: BTreeMap<String, Vec<u8>>,
    compression: Compression,
    compressed: Mutex<Compressed>,
    replacements: Mutex<Vec<Replacement>>,
    requests: Mutex<Vec<Request>>,
    foreign: Mutex<Vec<Request>>,
}

/// A static server on a free port of this machine; ends when dropped.
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
    /// When the folder can't be read or no port is free.
    pub async fn start(dist: &Path, compression: Compression) -> Result<Self> {
        let mut files = BTreeMap::new();
        read_folder(dist, "", &mut files)?;
        let site = Arc::new(Site {
            files,
            compression,
            compressed: Mutex::default(),
            replacements: Mutex::default(),
            requests: Mutex::default(),
            foreign: Mutex::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port to serve the page from")?;
        let address = listener.local_addr()?;
        let app = Router::new().fallback(serve).with_state(site.clone());
        let task = tokio::spawn(async move {
            // Ends with the task.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            site,
            address,
            task,
        })
    }

    /// The page's address, with a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// The page's address under a name that browsers do not trust: no secure context, so no WebGPU.
    pub fn unencrypted_url(&self) -> String {
        format!("http://{UNENCRYPTED}{BASE}")
    }

    /// `host:port`, for the browser's proxy setting.
    pub fn proxy(&self) -> String {
        self.address.to_string()
    }

    /// The served files, by path below the page's address.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let files = self.site.files.iter();
        files.map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Compresses what the server will compress, so that no request has to wait for it, and gives
    /// the size of each file as sent.
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

    /// From now on, replies thus to the requests that `applies` picks by path and query.
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
            left: times,
        });
    }

    /// Replies with the files again.
    pub fn restore(&self) {
        lock(&self.site.replacements).clear();
    }

    /// The requests so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.site.requests).clone()
    }

    /// The requests of the page so far to anywhere but this server.
    pub fn foreign(&self) -> Vec<Request> {
        lock(&self.site.foreign).clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.site.requests).clear();
        lock(&self.site.foreign).clear();
    }
}

impl Site {
    fn compressed(&self, path: &str, bytes: &[u8]) -> Vec<u8> {
        let key = (path.to_owned(), self.compression);
        if let Some(known) = lock(&self.compressed).get(&key) {
            return known.clone();
        }
        let compressed = compress(bytes, self.compression);
        lock(&self.compressed).insert(key, compressed.clone());
        compressed
    }

    /// The replacement for this request, if it has one left.
    fn replacement(&self, path: &str, asked: &str) -> Option<Result<Vec<u8>, StatusCode>> {
        let mut replacements = lock(&self.replacements);
        let found = replacements
            .iter_mut()
            .find(|candidate| candidate.left > 0 && (candidate.applies)(asked))?;
        found.left -= 1;
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
    // Only a client that takes us for its proxy sends the authority.
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
    let Some(path) = uri.path().strip_prefix(BASE) else {
        return record(&site, uri.path(), at_ms, plain(StatusCode::NOT_FOUND), 0);
    };
    let path = if path.is_empty() { "index.html" } else { path };
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
        None => site.files.get(path).cloned().ok_or(StatusCode::NOT_FOUND),
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
    if let Some(encoding) = encoding {
        reply = reply.header(header::CONTENT_ENCODING, encoding);
    }
    let length = body.len();
    let reply = reply
        .body(Body::from(body))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR));
    record(&site, &asked, at_ms, reply, length)
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

/// Compresses as a static host does for files that it serves many times: slow and small. So slow
/// that results are kept below the target folder.
fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let Some(name) = compression.name() else {
        return bytes.to_vec();
    };
    let hash: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = places::target_dir().join("bench").join("compressed");
    let kept = folder.join(format!("{hash}.{name}"));
    if let Ok(known) = fs::read(&kept) {
        return known;
    }
    let mut compressed = Vec::new();
    // Writing to memory does not fail.
    if compression == Compression::Gzip {
        let level = flate2::Compression::best();
        let mut gzip = flate2::write::GzEncoder::new(&mut compressed, level);
        let _ = gzip.write_all(bytes);
        let _ = gzip.finish();
    } else {
        let mut brotli = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 24);
        let _ = brotli.write_all(bytes);
    }
    // Kept for the next time if that is possible; renamed so that a half-written file never counts.
    let part = folder.join(format!("{hash}.{name}.{}", std::process::id()));
    let _ = fs::create_dir_all(&folder);
    let _ = fs::write(&part, &compressed).and_then(|()| fs::rename(&part, &kept));
    compressed
}

/// Whether a file of this name is worth compressing. Of weights only the shipped ones are, whose
/// numbers are short; a host may have to be told.
fn is_compressible(path: &str) -> bool {
    path.ends_with(".safetensors")
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
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// A panic elsewhere must not hide behind a poisoned lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|broken| broken.into_inner())
}
