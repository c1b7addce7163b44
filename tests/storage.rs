//! Uploads, with the program itself and each kind of storage: a directory, and a bucket of a server that speaks S3.
//!
//! That server is `moto`, installed under `target/storage/` from the pins in `tests/storage/`. Where there is no
//! registry to install it from, `TERTULIA_TEST_CLIENTS=off` leaves it out, but not in CI (`CI=true`).

#[expect(dead_code, reason = "the clients use the rest")]
#[path = "support"]
mod support {
    pub(crate) mod answer;
    pub(crate) mod client;
    pub(crate) mod cluster;
    pub(crate) mod database;
    pub(crate) mod installed;
    pub(crate) mod program;
}

use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::client::Client;
use support::database::{Kind, TestDatabase, say};
use support::installed::{finished, locked, must, refresh};
use support::program::Program;

const MIB: usize = 1 << 20;

/// A server, and somebody who has said something to somebody.
struct World {
    program: Program,
    client: Client,
    token: String,
    message: String,
}

impl World {
    async fn start(database: &TestDatabase, variables: &[(&str, &str)]) -> World {
        let program = Program::configured(&database.url, variables);
        let nobody = Client::new(format!("{}/api/v1", program.url), None);
        let [_, bert] = [sign_up(&nobody, "anna").await, sign_up(&nobody, "bert").await];
        let sign_in =
            resource("session", json!({ "email": "anna@example.com", "password": "correct horse" }), json!({}));
        let signed_in = nobody.post("/sessions", &sign_in).await.assert_status(201);
        let token = signed_in.document()["meta"]["token"].as_str().expect("a token").to_owned();
        let client = nobody.with_token(Some(&token));
        let begun = resource("chat", json!({ "initial_message": { "content": "Files" } }), members(&bert));
        let chat = client.post("/chats", &begun).await.assert_status(201);
        let message =
            chat.data()["relationships"]["last_message"]["data"]["id"].as_str().expect("a message").to_owned();
        World { program, client, token, message }
    }

    async fn attach(&self, name: &str, mime_type: &str) -> String {
        let message = json!({ "message": { "data": { "type": "message", "id": self.message } } });
        let attached = resource("attachment", json!({ "name": name, "mime_type": mime_type }), message);
        self.client.post("/attachments", &attached).await.assert_status(201).id()
    }

    async fn put(&self, id: &str, bytes: &[u8]) {
        let path = format!("/attachments/{id}/content");
        let request = self.client.request(Method::PUT, &path).bytes(bytes.to_vec());
        request.header("content-type", "application/octet-stream").send().await.assert_status(204);
    }

    async fn get(&self, id: &str, range: &str) -> Vec<u8> {
        let request = self.client.request(Method::GET, &format!("/attachments/{id}/content"));
        request.header("range", range).send().await.assert_status(206).body
    }

    /// Sends `size` bytes without ever having them, and gives the status.
    fn pour(&self, id: &str, size: usize) -> String {
        let address = self.program.url.strip_prefix("http://").expect("a URL");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let head = format!(
            "PUT /api/v1/attachments/{id}/content HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {size}\r\nConnection: close\r\n\r\n",
            self.token
        );
        stream.write_all(head.as_bytes()).expect("the head");
        let piece: Vec<u8> = (0..MIB).map(|at| (at % 251) as u8).collect();
        for _ in 0..size / MIB {
            stream.write_all(&piece).expect("a piece of the body");
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// The most memory that the program ever had, in bytes.
    fn peak(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") << 10
    }
}

async fn sign_up(nobody: &Client, name: &str) -> String {
    let attributes = json!({ "name": name, "email": format!("{name}@example.com"), "password": "correct horse" });
    nobody.post("/users", &resource("user", attributes, json!({}))).await.assert_status(201).id()
}

fn resource(kind: &str, attributes: Value, relationships: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes, "relationships": relationships } })
}

fn members(user: &str) -> Value {
    json!({ "members": { "data": [{ "type": "user", "id": user }] } })
}

/// `tertulia sweep`, and what it printed.
fn sweep(database: &TestDatabase, variables: &[(&str, &str)], flags: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tertulia"));
    let output = finished(
        command.arg("sweep").args(flags).args(["--database-url", &database.url]).envs(variables.iter().copied()),
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_large_file_passes_through_in_little_memory() {
    let database = TestDatabase::empty(Kind::Sqlite);
    let world = World::start(&database, &[("TERTULIA_MAX_UPLOAD_BYTES", "200MiB")]).await;
    world.put(&world.attach("small", "application/octet-stream").await, &[1; 10]).await;
    let id = world.attach("large", "application/octet-stream").await;
    let before = world.peak();

    assert_eq!(world.pour(&id, 160 * MIB), "204");
    let mut stream = TcpStream::connect(&world.program.url["http://".len()..]).expect("a connection");
    let head = format!(
        "GET /api/v1/attachments/{id}/content HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        world.token
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let received = std::io::copy(&mut stream, &mut std::io::sink()).expect("an answer");

    assert!(received > 160 * MIB as u64);
    let grown = world.peak() - before;
    assert!(grown < 24 * MIB, "{grown} bytes");
}

#[actix_web::test]
async fn leftovers_are_swept_and_lost_files_can_be_sent_again() {
    let database = TestDatabase::empty(Kind::Sqlite);
    let files = tempfile::tempdir().expect("a directory");
    let storage = format!("file:{}", files.path().display());
    let variables = [("TERTULIA_STORAGE", storage.as_str())];
    let world = World::start(&database, &variables).await;
    let [kept, gone, lost] = [
        world.attach("kept", "text/plain").await,
        world.attach("gone", "text/plain").await,
        world.attach("lost", "text/plain").await,
    ];
    world.put(&kept, b"kept").await;
    world.put(&gone, b"gone").await;
    let before = stored(files.path());
    world.put(&lost, b"lost").await;
    let of_lost = stored(files.path()).into_iter().find(|path| !before.contains(path)).expect("a file");
    std::fs::remove_file(of_lost).expect("no file");
    world.client.delete(&format!("/attachments/{gone}")).await.assert_status(204);
    let stray = files.path().join("content/ab/018f4e6a-0000-7000-8000-0000000000ab");
    std::fs::create_dir_all(stray.parent().expect("a directory")).expect("a directory");
    std::fs::write(&stray, "stray").expect("a file");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60);
    std::fs::File::open(&stray).expect("the file").set_modified(old).expect("an old file");

    let said = sweep(&database, &variables, &[]);

    // The deleted one, and what the database kept of the lost one.
    assert!(said.contains("removed 2 files that nobody had"), "{said}");
    assert!(said.contains("put 1 attachments into error"), "{said}");
    assert!(said.contains("left 1 files that the database does not know"), "{said}");
    let shown = world.client.get(&format!("/attachments/{lost}")).await.assert_status(200);
    assert_eq!(shown.attribute("upload_status"), "error");
    world.put(&lost, b"lost").await;
    assert_eq!(world.get(&kept, "bytes=1-2").await, b"ep");
    assert!(stray.exists());
    let said = sweep(&database, &variables, &["--unknown"]);
    assert!(said.contains("removed 1 files that the database did not know"), "{said}");
    assert!(!stray.exists());
    assert_eq!(stored(files.path()).len(), 2);
}

#[actix_web::test]
async fn a_storage_that_has_none_of_the_files_is_taken_for_the_wrong_one() {
    let database = TestDatabase::empty(Kind::Sqlite);
    let world = World::start(&database, &[]).await;
    let id = world.attach("a", "text/plain").await;
    world.put(&id, b"a").await;
    let elsewhere = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tertulia"));
    let storage = format!("file:{}", elsewhere.path().display());
    let output = finished(command.args(["sweep", "--storage", &storage, "--database-url", &database.url]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is it the right one?"));
    assert_eq!(world.get(&id, "bytes=0-").await, b"a");
}

fn stored(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(stored(&path)) } else { found.push(path) }
    }
    found
}

#[actix_web::test]
async fn files_live_in_a_bucket() {
    let Some(s3) = S3::start() else { return };
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let bucket = format!("{}/files", s3.url);
    http.put(&bucket).send().await.expect("an answer").error_for_status().expect("a bucket");
    let objects = async || {
        let listed = http.get(format!("{bucket}?list-type=2")).send().await.expect("an answer");
        let listed = listed.text().await.expect("a list");
        listed.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect()
    };
    let storage = format!("s3://files/chat?endpoint={}&region=us-east-1", s3.url);
    let variables = [
        ("TERTULIA_STORAGE", storage.as_str()),
        ("TERTULIA_MAX_UPLOAD_BYTES", "64MiB"),
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    let database = TestDatabase::empty(Kind::Sqlite);
    let world = World::start(&database, &variables).await;

    // Less than a part, and several parts.
    let small = world.attach("small.txt", "text/plain").await;
    world.put(&small, b"hello").await;
    let large = world.attach("large", "application/octet-stream").await;
    assert_eq!(world.pour(&large, 24 * MIB), "204");
    let picture = world.attach("picture.png", "image/png").await;
    world.put(&picture, &png(640, 480)).await;

    assert_eq!(world.get(&small, "bytes=1-3").await, b"ell");
    let expected: Vec<u8> = (MIB - 2..MIB + 2).map(|at| (at % MIB % 251) as u8).collect();
    assert_eq!(world.get(&large, &format!("bytes={}-{}", MIB - 2, MIB + 1)).await, expected);
    let thumbnail = thumbnail_of(&world, &picture).await;
    assert_eq!(image::load_from_memory(&thumbnail).expect("a picture").width(), 320);
    let found: Vec<String> = objects().await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|key| key.starts_with("chat/")), "{found:?}");

    for id in [&large, &picture] {
        world.client.delete(&format!("/attachments/{id}")).await.assert_status(204);
    }
    let said = sweep(&database, &variables, &[]);
    assert!(said.contains("removed 2 files that nobody had"), "{said}");
    let found: Vec<String> = objects().await;
    assert_eq!(found.len(), 1, "{found:?}");

    drop(s3);
    let failed = world.client.get(&format!("/attachments/{small}/content")).await;
    assert_eq!(failed.status, 503, "{failed}");
    assert!(failed.header("retry-after").is_some());
}

async fn thumbnail_of(world: &World, id: &str) -> Vec<u8> {
    for _ in 0..200 {
        let shown = world.client.get(&format!("/attachments/{id}")).await.assert_status(200);
        if shown.attribute("processing") == false {
            let url = shown.attribute("thumbnail_url").as_str().expect("a URL").to_owned();
            return world.client.get(&url).await.assert_status(200).body;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no thumbnail is made");
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

/// A server that speaks the protocol of S3 and keeps everything in its memory.
struct S3 {
    process: Child,
    url: String,
}

impl S3 {
    fn start() -> Option<S3> {
        let off = std::env::var("TERTULIA_TEST_CLIENTS").as_deref() == Ok("off");
        if off && std::env::var("CI").as_deref() != Ok("true") {
            say("the bucket is left out: TERTULIA_TEST_CLIENTS=off");
            return None;
        }
        let mut process = Command::new(installed().join("venv/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto_server");
        let mut lines = BufReader::new(process.stderr.take().expect("its output")).lines();
        let url = lines.find_map(|line| line.ok()?.split_once("Running on ").map(|(_, url)| url.trim().to_owned()));
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Some(S3 { process, url: url.expect("an address") })
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn installed() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/storage");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("storage");
    std::fs::create_dir_all(&place).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
    let _one_at_a_time = locked(&place.join("lock"));
    let done = place.join("installed");
    if refresh(&source, &place, &["requirements.txt"]) || !done.exists() {
        let _ = std::fs::remove_file(&done);
        must(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(&place));
        let pip = ["-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", "requirements.txt"];
        must(Command::new(place.join("venv/bin/python")).args(pip).current_dir(&place));
        std::fs::File::create(&done).unwrap_or_else(|e| panic!("{}: {e}", done.display()));
    }
    place
}
