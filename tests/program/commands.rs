//! The commands, run as a person or a script runs them: what is printed where, and the exit status.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// An empty directory to run commands in, with nothing configured.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(TempDir::with_prefix("tertulia-test-").expect("a temporary directory"))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tertulia"));
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// What a command prints that works.
    #[track_caller]
    pub(super) fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// What a command complains that fails with this status and prints nothing.
    #[track_caller]
    fn complains(&self, status: i32, arguments: &[&str]) -> String {
        complaint(status, self.run(arguments))
    }

    fn file(&self, name: &str, content: &str) {
        std::fs::write(self.0.path().join(name), content).expect("a file");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[track_caller]
fn complaint(status: i32, output: Output) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

#[test]
fn a_wrong_variable_file_or_flag_is_named_and_exits_with_2() {
    let place = Place::new();
    let mut command = place.command(&["config"]);
    let by_variable = complaint(2, command.env("TERTULIA_RATE_LIMIT", "lots").output().unwrap());
    assert!(by_variable.starts_with("error: variable TERTULIA_RATE_LIMIT: `lots` is not"), "{by_variable}");

    let by_flag = place.complains(2, &["serve", "--sign-up", "maybe"]);
    assert!(by_flag.starts_with("error: flag --sign-up: `maybe` is neither"), "{by_flag}");

    place.file("tertulia.toml", "sign_up = 1\nbidn = \"x\"\n");
    let by_file = place.complains(2, &["migrate"]);
    assert!(by_file.contains("error: tertulia.toml, key `sign_up`: `1` is neither"), "{by_file}");
    assert!(by_file.contains("error: tertulia.toml: there is no setting `bidn`; did you mean `bind`?"), "{by_file}");
}

#[test]
fn an_unknown_command_or_flag_and_a_flag_of_another_command_exit_with_2() {
    let place = Place::new();
    assert!(place.complains(2, &["serv"]).contains("serve"));
    assert!(place.complains(2, &["--bidn", "x"]).contains("--bind"));
    let out_of_place = place.complains(2, &["--bind", "127.0.0.1:0", "migrate"]);
    assert!(out_of_place.contains("`--bind` is for `tertulia serve`"), "{out_of_place}");
}

#[test]
fn a_password_shows_neither_in_config_nor_in_an_error() {
    let place = Place::new();
    let url = "postgres://ana:s3cret@127.0.0.1:1/chat";
    assert!(place.prints(&["config", "--database-url", url]).contains("ana:***@127.0.0.1:1"));
    let complaint = place.complains(1, &["migrate", "--database-url", url]);
    assert!(complaint.starts_with("error: flag --database-url: "), "{complaint}");
    assert!(!complaint.contains("s3cret"), "{complaint}");
}

#[test]
fn migrate_says_what_is_missing_then_what_it_applied_then_nothing() {
    let place = Place::new();
    let missing = place.prints(&["migrate", "--status"]);
    assert!(missing.lines().all(|line| line.starts_with("missing ")), "{missing}");
    assert_eq!(place.prints(&["migrate"]), missing.replace("missing", "applied"));
    assert_eq!(place.prints(&["migrate", "--status"]), "The database is up to date.\n");
}

#[test]
fn an_account_and_its_tokens_come_and_go() {
    let place = Place::new();
    let created = place.prints(&["user", "create", "--name", "Ana", "--email", "ana@example.com"]);
    let password = created.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    assert_eq!(password.len(), 20);
    assert!(place.prints(&["user", "list"]).contains("ana@example.com"));

    let token = place.prints(&["token", "create", "--email", "ana@example.com"]);
    assert!(token.starts_with("ter_") && token.lines().count() == 1, "{token}");
    let listed = place.prints(&["token", "list"]);
    assert!(listed.contains("ana@example.com") && !listed.contains(token.trim()), "{listed}");
    assert_eq!(place.prints(&["token", "revoke", "--email", "ana@example.com"]), "Revoked 1\n");
    assert_eq!(place.prints(&["token", "list"]).lines().count(), 1);
}

#[test]
fn a_password_can_be_given_on_standard_input_and_must_be_long_enough() {
    let place = Place::new();
    let create = |email: &str, password: &str| {
        let arguments = ["user", "create", "--name", "Ana", "--password-stdin", "--email", email];
        let mut command = place.command(&arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let created = create("ana@example.com", "correct horse\n");
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert!(!text(&created.stdout).contains("assword"));
    assert!(complaint(2, create("bruno@example.com", "short\n")).contains("it needs 8 to 128"));
}

#[test]
fn a_name_and_an_address_are_checked_before_anything_is_stored() {
    let place = Place::new();
    let long = "a".repeat(101);
    for (name, email) in
        [("", "ana@example.com"), (" \u{200b}", "ana@example.com"), ("Ana", "ana"), (&long, "ana@example.com")]
    {
        place.complains(2, &["user", "create", "--name", name, "--email", email]);
    }
    assert!(!place.0.path().join("tertulia.db").exists());
}

#[test]
fn removing_an_account_asks_first_and_needs_somebody_to_ask() {
    let place = Place::new();
    place.prints(&["user", "create", "--name", "Ana", "--email", "ana@example.com"]);
    assert!(place.complains(2, &["user", "delete", "ana@example.com"]).contains("--yes"));
    assert!(place.complains(1, &["user", "delete", "bruno@example.com", "--yes"]).contains("there is no account"));
    assert_eq!(place.prints(&["user", "delete", "ANA@example.com", "-y"]), "Removed Ana <ana@example.com>\n");
    assert!(!place.prints(&["user", "list"]).contains("ana@example.com"));
}

#[test]
fn seed_says_whom_to_sign_in_as_and_refuses_to_repeat_itself() {
    let place = Place::new();
    let said = place.prints(&["seed", "--users", "1_0", "--conversations", "5", "--groups", "2", "--seed", "7"]);
    assert!(said.starts_with("Made 10 users, 5 direct conversations and 2 groups in "), "{said}");
    assert!(said.ends_with("Sign in as user1@seed7.example with the password tertulia-seed\n"), "{said}");
    assert!(place.complains(1, &["seed", "--users", "10", "--seed", "7"]).contains("take another seed"));
    assert!(place.complains(2, &["seed", "--users", "2", "--conversations", "2", "--seed", "8"]).contains("too few"));
    let token = place.prints(&["token", "create", "--email", "user10@seed7.example", "--days", "1"]);
    assert!(token.starts_with("ter_"));
}

#[test]
fn the_demo_refuses_a_database_that_is_in_use() {
    let place = Place::new();
    place.prints(&["user", "create", "--name", "Ana", "--email", "ana@example.com"]);
    let refused = place.complains(1, &["--demo", "--bind", "127.0.0.1:0", "--log", "off"]);
    assert!(refused.contains("the demo fills only an empty database, and this one has 1 account"), "{refused}");
}

#[test]
fn completions_and_version_are_printed() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(place.prints(&["completions", shell]).contains("database-url"), "{shell}");
    }
    assert_eq!(place.prints(&["--version"]), concat!("tertulia ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let place = Place::new();
    let mut command = place.command(&["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
}

/// A server that was started by `tertulia …`; killed if the test forgets it.
struct Server {
    child: Child,
    address: String,
    /// What it printed up to its curl line.
    greeting: String,
}

impl Server {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(arguments);
        command.env("TERTULIA_BIND", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let mut greeting = Vec::new();
        for line in lines.by_ref() {
            let last = line.starts_with("curl ");
            greeting.push(line);
            if last {
                break;
            }
        }
        let address = greeting.first().and_then(|line| line.strip_prefix("Tertulia listens on http://"));
        let address = address.unwrap_or_else(|| panic!("{greeting:?}")).to_owned();
        assert!(greeting.contains(&format!("The API is described at http://{address}/docs")), "{greeting:?}");
        Self { child, address, greeting: greeting.join("\n") }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().is_ok_and(|status| status.success()));
    }

    /// The exit status and the log.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("its end");
        let mut log = String::new();
        self.child.stderr.take().expect("its log").read_to_string(&mut log).expect("UTF-8");
        (status.code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn a_bare_start_creates_its_database_listens_and_ends_when_asked() {
    for (words, signal) in [(&[][..], "TERM"), (&["serve"][..], "INT")] {
        let place = Place::new();
        let server = Server::start(&place, words);
        assert!(place.0.path().join("tertulia.db").exists());
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        server.signal(signal);
        let (status, log) = server.end();
        assert_eq!(status, Some(0), "{log}");
        assert!(log.contains("listening") && log.contains("stopping"), "{log}");
    }
}

#[test]
fn a_demo_prints_six_people_their_tokens_and_a_request_to_try() {
    let place = Place::new();
    let server = Server::start(&place, &["--demo", "--log-format", "json"]);
    assert_eq!(server.greeting.matches("@demo.example").count(), 6, "{}", server.greeting);
    assert_eq!(server.greeting.matches(" ter_").count(), 7, "{}", server.greeting);
    let request = server.greeting.lines().last().unwrap();
    assert!(request.contains(&format!("'http://{}/api/v1/direct_conversations?", server.address)), "{request}");
    server.signal("TERM");
    let (_, log) = server.end();
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
    }
    assert!(!log.contains("ter_"), "a token is in the log: {log}");
}

/// The document that the request answers with which the server suggests, run as it is by a shell.
fn suggested(server: &Server) -> serde_json::Value {
    let line = server.greeting.lines().last().expect("a last line");
    let output = Command::new("sh").args(["-c", line]).stderr(Stdio::null()).output().expect("a shell with curl");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{line}: {e}: {output:?}"))
}

#[test]
fn the_suggested_request_works_when_it_is_pasted() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    assert_eq!(suggested(&server)["data"]["type"], "user");
    drop(server);
    let again = Server::start(&place, &[]);
    assert_eq!(suggested(&again)["data"]["type"], "user");
}

#[test]
fn the_request_suggested_with_the_demo_lists_conversations_and_their_people() {
    let place = Place::new();
    let document = suggested(&Server::start(&place, &["--demo"]));
    assert_eq!(document["data"].as_array().unwrap().len(), 4, "{document}");
    assert!(document["included"].as_array().unwrap().iter().any(|resource| resource["type"] == "chat"));
}

#[test]
fn where_sign_up_is_closed_the_suggested_request_works_too() {
    let place = Place::new();
    let document = suggested(&Server::start(&place, &["--sign-up", "closed"]));
    assert_eq!(document["status"], "ok");
}

#[test]
fn an_address_in_use_is_an_error_that_names_it() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let arguments = ["--bind", &server.address, "--log", "off", "--database-url", "sqlite:other.db"];
    let refused = place.complains(1, &arguments);
    assert!(refused.contains(&format!("cannot listen on {}", server.address)), "{refused}");
}

#[test]
fn openapi_diff_tells_what_breaks_clients_by_its_status_too() {
    let place = Place::new();
    place.file("old.json", r#"{"openapi":"3.1.1","paths":{"/a":{"get":{}}}}"#);
    place.file("new.json", r#"{"openapi":"3.1.1","paths":{"/a":{"get":{},"post":{}}}}"#);
    place.file("other.json", "{}");
    assert_eq!(place.prints(&["openapi", "diff", "old.json", "new.json"]), "additive  POST /a: is new\n");
    let output = place.run(&["openapi", "diff", "new.json", "old.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "breaking  POST /a: is gone\n");
    assert_eq!(text(&output.stderr), "error: 1 change breaks clients\n");
    assert_eq!(
        place.complains(2, &["openapi", "diff", "old.json", "other.json"]),
        "error: other.json: no OpenAPI document\n"
    );
    place.file("own.json", &place.prints(&["openapi"]));
    assert_eq!(place.prints(&["openapi", "diff", "own.json"]), "");
}
