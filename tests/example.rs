//! The example under `examples/`: it builds, serves another domain by the same layer, and stays short.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const JSON_API: &str = "application/vnd.api+json";
const AUTHOR: &str = "01900000-0000-7000-8000-000000000001";
const ARTICLE: &str = "01900000-0000-7000-8000-000000000011";

/// The running example; killed if a test forgets it.
struct Blog {
    child: Child,
    /// `http://127.0.0.1:port/api/v1`
    base: String,
    http: reqwest::Client,
    /// Where it may leave nothing.
    temporary: TempDir,
}

impl Blog {
    fn start() -> Blog {
        let program = build();
        let temporary = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let mut command = Command::new(program);
        command.arg("0").env("TMPDIR", temporary.path()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the example runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let base = line.trim().strip_suffix("/articles").expect("the URL of the articles").to_owned();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Blog { child, base, http, temporary }
    }

    async fn ask(&self, method: &str, path: &str, document: Option<Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(document) = document {
            request = request.header("content-type", JSON_API).body(document.to_string());
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        assert!(response.headers()["content-type"].to_str().is_ok_and(|it| it.starts_with(JSON_API)), "{path}");
        (status, response.json().await.expect("a document"))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, document) = self.ask("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {document:#}");
        document
    }

    async fn refuses(&self, status: u16, method: &str, path: &str, document: Option<Value>) -> String {
        let (answered, document) = self.ask(method, path, document).await;
        assert_eq!(answered, status, "{path}: {document:#}");
        document["errors"][0]["code"].as_str().expect("a code").to_owned()
    }

    /// Ends it as Ctrl-C does; nothing is left of it.
    fn interrupt(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &id]).status().is_ok_and(|status| status.success()));
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{status}");
        assert_eq!(std::fs::read_dir(self.temporary.path()).expect("a directory").count(), 0);
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the example as this test was built: `cargo test --test example` alone would leave it as it was.
fn build() -> std::path::PathBuf {
    let directory = Path::new(env!("CARGO_BIN_EXE_tertulia")).parent().expect("a directory of programs");
    let profile = directory.file_name().and_then(|name| name.to_str()).expect("the name of a profile");
    let profile = if profile == "debug" { "dev" } else { profile };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--example", "articles", "--profile", profile, "--target-dir"])
        .arg(directory.parent().expect("a target directory"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    directory.join("examples/articles")
}

fn comment(body: Value, article: &str) -> Value {
    let relationships = json!({ "article": { "data": { "type": "article", "id": article } } });
    json!({ "data": { "type": "comment", "attributes": { "body": body }, "relationships": relationships } })
}

#[actix_web::test]
async fn another_domain_is_listed_created_and_refused_by_the_same_layer() {
    let blog = Blog::start();

    let list =
        blog.get("/articles?include=author,comments&sort=-title&fields[person]=name&page[number]=1&page[size]=5").await;
    let titles: Vec<&Value> =
        list["data"].as_array().expect("a list").iter().map(|it| &it["attributes"]["title"]).collect();
    assert_eq!(titles, ["JSON:API in one evening", "A chat in one file"]);
    let included = list["included"].as_array().expect("included");
    assert_eq!(included.iter().filter(|it| it["type"] == "person").count(), 2, "{list:#}");
    assert_eq!(included.iter().filter(|it| it["type"] == "comment").count(), 1, "{list:#}");
    assert_eq!(list["meta"]["total"], 2);

    let (status, created) =
        blog.ask("POST", "/comments?include=article.author", Some(comment(json!("Second!"), ARTICLE))).await;
    assert_eq!(status, 201, "{created:#}");
    let id = created["data"]["id"].as_str().expect("an id");
    assert_eq!(created["included"].as_array().map(Vec::len), Some(2), "{created:#}");
    assert_eq!(blog.get(&format!("/comments/{id}")).await["data"]["attributes"]["body"], "Second!");
    assert_eq!(blog.get(&format!("/articles/{ARTICLE}/comments")).await["data"].as_array().map(Vec::len), Some(2));
    // Types that don't show when a resource was made are listed in that order all the same.
    assert_eq!(blog.get("/comments").await["data"].as_array().map(Vec::len), Some(2));
    let linkage = blog.get(&format!("/articles/{ARTICLE}/relationships/author")).await;
    assert_eq!(linkage["data"], json!({ "type": "person", "id": AUTHOR }));

    assert_eq!(blog.refuses(422, "POST", "/comments", Some(comment(json!(""), ARTICLE))).await, "field_invalid");
    assert_eq!(blog.refuses(404, "POST", "/comments", Some(comment(json!("x"), AUTHOR))).await, "not_found");
    assert_eq!(blog.refuses(405, "POST", "/articles", Some(comment(json!("x"), ARTICLE))).await, "method_not_allowed");
    assert_eq!(blog.refuses(400, "GET", "/articles?sort=author", None).await, "sort_unknown");
    assert_eq!(blog.refuses(400, "GET", "/articles?include=autor", None).await, "include_unknown");
    assert_eq!(blog.refuses(404, "GET", "/chats", None).await, "not_found");
    blog.interrupt();
}

#[test]
fn the_example_has_less_than_a_hundred_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/articles.rs");
    let lines = std::fs::read_to_string(path).expect("the example").lines().count();
    assert!(lines < 100, "{lines}");
}
