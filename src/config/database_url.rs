//! Where the data lives: `sqlite:PATH` or `postgres://…`, whose password never shows.

use std::fmt;

use url::Url;

use super::value::Value;

const HIDDEN: &str = "***";

/// A database URL. [`Debug`] and [`fmt::Display`] hide passwords; [`DatabaseUrl::expose`] doesn't.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// A SQLite file; a relative path is taken from the current directory.
    pub fn sqlite(path: impl fmt::Display) -> Self {
        Self(format!("sqlite:{path}"))
    }

    /// Checks the scheme, and nothing that only the database can know.
    ///
    /// # Errors
    /// A sentence that doesn't repeat the text, since that may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" if rest.trim_start_matches('/').is_empty() => {
                Err("`sqlite:` lacks the path of a file, like `sqlite:tertulia.db`".to_owned())
            }
            "sqlite" => Ok(Self(text.to_owned())),
            "postgres" | "postgresql" if rest.starts_with("//") => Ok(Self(text.to_owned())),
            _ => Err("this is not a database URL; write `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`"
                .to_owned()),
        }
    }

    /// The path of the file, if it is one.
    pub(super) fn file(&self) -> Option<&str> {
        let path = self.is_file().then(|| &self.0[7..])?;
        Some(path.strip_prefix("//").unwrap_or(path))
    }

    fn is_file(&self) -> bool {
        self.0.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sqlite:"))
    }

    /// The whole URL, secrets included: for opening the database and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Value for DatabaseUrl {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_file() { f.write_str(&self.0) } else { f.write_str(&redacted(&self.0)) }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The URL with every password replaced; where it can't be told what that is, nothing is left.
fn redacted(text: &str) -> String {
    let all_hidden = || format!("postgres://{HIDDEN}");
    let Ok(mut url) = Url::parse(text) else {
        return all_hidden();
    };
    // An `@` behind the host: a password with an unescaped `/`, `?` or `#` begins before it.
    let ambiguous = url[url::Position::BeforePath..].contains('@');
    let hidden = url.password().is_none() || url.set_password(Some(HIDDEN)).is_ok();
    if ambiguous || !hidden {
        return all_hidden();
    }
    hide_parameters(&mut url);
    url.to_string()
}

/// libpq takes `?password=` and `?sslpassword=` too.
fn hide_parameters(url: &mut Url) {
    if url.query().is_none() {
        return;
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let secret = |name: &str| name.to_lowercase().contains("password");
    let mut query = url.query_pairs_mut();
    query.clear();
    for (name, value) in &pairs {
        query.append_pair(name, if secret(name) { HIDDEN } else { value });
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    fn check(text: &str, shown: &str) {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!(url.expose(), text);
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), shown);
    }

    #[test]
    fn a_password_never_shows() {
        check("postgres://ana:s3cret@db.example/chat", "postgres://ana:***@db.example/chat");
        check(
            "postgresql:///chat?user=ana&password=s3cret&host=db",
            "postgresql:///chat?user=ana&password=***&host=db",
        );
        check("postgres://ana:s3cret@one:1,two:2/chat", "postgres://***");
        check("postgres://ana:s3cret@db:99999/chat", "postgres://***");
        check("postgres://ana:5/s3cret@db/chat", "postgres://***");
        check("postgres://ana:5#s3cret@db/chat", "postgres://***");
        check("POSTGRES://ana:s3@cret@db/chat", "postgres://ana:***@db/chat");
    }

    #[test]
    fn a_url_without_a_password_shows_whole() {
        check("sqlite:data/tertulia.db", "sqlite:data/tertulia.db");
        check("postgres://ana@db/chat?sslmode=require", "postgres://ana@db/chat?sslmode=require");
    }

    #[test]
    fn another_scheme_is_refused_without_being_repeated() {
        for text in ["mysql://ana:s3cret@db/chat", "s3cret", "", "sqlite:", "tertulia.db"] {
            let problem = DatabaseUrl::parse(text).unwrap_err();
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }
}
