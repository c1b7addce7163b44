//! Servers beginning and ending: several at once on one new database, a request in flight, and what the log keeps.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::commands::Place;
use super::support::database::{Kind, TestDatabase};

const PASSWORD: &str = "correct horse battery";

/// A server that writes what it prints and logs to files, so that nothing it says is lost or in its way.
struct Server {
    child: Child,
    printed: PathBuf,
    logged: PathBuf,
}

impl Server {
    fn spawn(place: &Place, name: &str, arguments: &[&str]) -> Server {
        let [printed, logged] = ["out", "log"].map(|kind| place.path().join(format!("{name}.{kind}")));
        let file = |path: &PathBuf| File::create(path).expect("a file");
        let child = place
            .command(arguments)
            .args(["--bind", "127.0.0.1:0", "--rate-limit", "off", "--sign-in-limit", "off"])
            .stdout(file(&printed))
            .stderr(file(&logged))
            .spawn()
            .expect("the program runs");
        Server { child, printed, logged }
    }

    fn printed(&self) -> String {
        std::fs::read_to_string(&self.printed).expect("what it printed")
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(&self.logged).expect("its log")
    }

    /// Waits until it listens.
    fn address(&mut self) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let printed = self.printed();
            // The greeting is printed at once, and its last line is the one with curl.
            if let Some(line) = printed.lines().next().filter(|_| printed.contains("\ncurl ")) {
                return line.strip_prefix("Tertulia listens on http://").expect("an address").to_owned();
            }
            if let Some(status) = self.child.try_wait().expect("its state") {
                panic!("it ended with {status}: {printed}{}", self.logged());
            }
            assert!(Instant::now() < deadline, "it doesn't listen: {}", self.logged());
            sleep(Duration::from_millis(10));
        }
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().is_ok_and(|status| status.success()));
    }

    fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("its end").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request in two parts: everything but the last byte, and that one.
fn post(path: &str, token: Option<&str>, attributes: &str) -> (String, String) {
    let kind = path.trim_end_matches('s');
    let document = format!(r#"{{"data":{{"type":"{kind}","attributes":{attributes}}}}}"#);
    let authorization = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    let head = format!(
        "POST /api/v1/{path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{authorization}\
         Content-Type: application/vnd.api+json\r\nContent-Length: {}\r\n\r\n",
        document.len()
    );
    let (most, last) = document.split_at(document.len() - 1);
    (head + most, last.to_owned())
}

fn get(path: &str, token: &str) -> (String, String) {
    let lines = format!("GET /api/v1/{path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n");
    (lines, format!("Authorization: Bearer {token}\r\n\r\n"))
}

/// The same in two other parts: the head, which is told to go on once it is read, and the document.
fn expecting((most, last): (String, String)) -> (String, String) {
    let (head, document) = most.split_once("\r\n\r\n").expect("a head");
    (format!("{head}\r\nExpect: 100-continue\r\n\r\n"), format!("{document}{last}"))
}

fn sign_up(name: &str) -> (String, String) {
    post("users", None, &format!(r#"{{"name":"{name}","email":"{name}@example.com","password":"{PASSWORD}"}}"#))
}

/// Sends a request, does something before its last part, and reads the whole answer.
fn exchange(address: &str, (most, last): (String, String), meanwhile: impl FnOnce(&mut TcpStream)) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(most.as_bytes()).expect("most of a request");
    meanwhile(&mut stream);
    stream.write_all(last.as_bytes()).expect("the rest of it");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn several_at_once(database_url: &str) {
    let place = Place::new();
    let arguments = ["serve", "--database-url", database_url];
    let mut servers: Vec<Server> =
        (0..6).map(|number| Server::spawn(&place, &number.to_string(), &arguments)).collect();
    for (number, server) in servers.iter_mut().enumerate() {
        let answer = exchange(&server.address(), sign_up(&format!("ana{number}")), |_| ());
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let listed = place.prints(&["user", "list", "--database-url", database_url]);
    assert_eq!(listed.matches("@example.com").count(), 6, "{listed}");
    servers.iter().for_each(Server::terminate);
    for server in &mut servers {
        assert_eq!(server.wait(), Some(0), "{}", server.logged());
        assert!(!server.logged().contains("ERROR"), "{}", server.logged());
    }
    let migrated: usize = servers.iter().map(|server| server.logged().matches("create_users").count()).sum();
    assert_eq!(migrated, 1, "each migration is applied by one of them");
}

#[test]
fn several_servers_that_start_on_one_missing_file_all_serve() {
    let place = Place::new();
    several_at_once(&format!("sqlite:{}/new/tertulia.db", place.path().display()));
}

#[test]
fn several_servers_that_start_on_one_empty_database_all_serve() {
    if Kind::Postgres.wanted() {
        several_at_once(&TestDatabase::empty(Kind::Postgres).url);
    }
}

#[test]
fn a_request_in_flight_is_answered_and_stored_by_a_server_that_is_asked_to_end() {
    let place = Place::new();
    let mut server = Server::spawn(&place, "server", &["serve"]);
    let address = server.address();
    let answer = exchange(&address, expecting(sign_up("ana")), |stream| {
        let mut told = [0; 25];
        stream.read_exact(&mut told).expect("100 Continue");
        server.terminate();
        sleep(Duration::from_millis(300));
    });
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.wait(), Some(0), "{}", server.logged());
    assert!(place.prints(&["user", "list"]).contains("ana@example.com"));
}

#[test]
fn no_secret_is_logged_however_much_is() {
    let place = Place::new();
    let mut server = Server::spawn(&place, "server", &["serve", "--log", "trace"]);
    let address = server.address();
    let ask = |request| exchange(&address, request, |_| ());
    ask(sign_up("ana"));
    let sign_in = |password: &str| {
        ask(post("sessions", None, &format!(r#"{{"email":"ana@example.com","password":"{password}"}}"#)))
    };
    assert!(sign_in("incorrect horse").starts_with("HTTP/1.1 401"));
    let signed_in = sign_in(PASSWORD);
    let token = signed_in.split_once("\"token\":\"").and_then(|(_, rest)| rest.split('"').next()).expect("a token");
    let listed = ask(get("users?filter[email]=private-question@example.com", token));
    assert!(listed.starts_with("HTTP/1.1 200"), "{listed}");
    assert!(ask(get("chats", "ter_stolen-or-mistyped-token")).starts_with("HTTP/1.1 401"));
    server.terminate();
    assert_eq!(server.wait(), Some(0));

    let log = server.logged();
    assert!(log.contains("TRACE") && log.contains("/api/v1/sessions"), "{log}");
    let secrets = [PASSWORD, "incorrect horse", token, "stolen-or-mistyped", "private-question", "argon2id", "Bearer"];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log: {}", line_with(&log, secret));
    }
}

#[test]
fn whoever_sends_no_http_is_not_in_the_log() {
    let place = Place::new();
    let (garbage, wrong) = (&b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..], &b"GET / HTTP/1.1\r\nno header\r\n\r\n"[..]);
    for (filter, is_told) in [("info", false), ("debug", false), ("info,actix_http=debug", true)] {
        let mut server = Server::spawn(&place, "server", &["serve", "--log", filter]);
        let address = server.address();
        for bytes in [garbage, wrong] {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            stream.write_all(bytes).expect("bytes");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("an answer");
            assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
        }
        server.terminate();
        assert_eq!(server.wait(), Some(0));
        assert_eq!(server.logged().contains("ERROR"), is_told, "{filter}: {}", server.logged());
    }
}

fn line_with<'a>(log: &'a str, text: &str) -> &'a str {
    log.lines().find(|line| line.contains(text)).unwrap_or_default()
}
