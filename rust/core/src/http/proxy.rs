//! Proxies, set by the caller or the environment.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy, Proxy, Url};

use crate::error::Error;

/// The supported proxy schemes.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Which proxy to use.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub enum ProxyChoice {
    /// The proxy set in `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    #[default]
    Environment,
    /// No proxy.
    Direct,
    /// The proxy at this URL.
    Url(String),
}

/// The resolved proxy. Does not implement `Debug`, because the URL may contain a password.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    Direct,
    /// The system's setting, on macOS and Windows only.
    System,
    Proxy {
        url: Url,
        /// The environment variable that names the proxy.
        variable: Option<&'static str>,
        /// Hosts that bypass the proxy, in the format of `NO_PROXY`.
        except: Option<String>,
    },
}

impl Route {
    /// The route of requests with or without TLS. `environment` returns the value of a variable.
    pub fn find(
        choice: &ProxyChoice,
        tls: bool,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Route, Error> {
        match choice {
            ProxyChoice::Direct => Ok(Route::Direct),
            // An invalid URL is not quoted, because it may contain a password.
            ProxyChoice::Url(url) => match parse(url) {
                Some(url) => Ok(Route::Proxy {
                    url,
                    variable: None,
                    except: None,
                }),
                None => Err(refused("The proxy")),
            },
            ProxyChoice::Environment => {
                let Some((variable, value)) = variable(tls, &environment) else {
                    return Ok(Route::System);
                };
                let url = parse(&value)
                    .ok_or_else(|| refused(&format!("The environment variable {variable}")))?;
                Ok(Route::Proxy {
                    url,
                    variable: Some(variable),
                    except: environment("NO_PROXY").or_else(|| environment("no_proxy")),
                })
            }
        }
    }

    pub fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        Ok(match self {
            Route::Direct => builder.no_proxy(),
            Route::System => builder,
            Route::Proxy { url, except, .. } => {
                let proxy = Proxy::all(url.clone()).map_err(|_| refused("The proxy"))?;
                let except = except.as_deref().and_then(NoProxy::from_string);
                builder.proxy(proxy.no_proxy(except))
            }
        })
    }

    /// Whether the connection to the proxy itself uses TLS.
    pub fn needs_tls(&self) -> bool {
        matches!(self, Route::Proxy { url, .. } if url.scheme() == "https")
    }

    /// Describes the route to `target` for error messages, without passwords; empty without a
    /// proxy.
    pub fn describe(&self, target: &Url) -> String {
        let Route::Proxy {
            url,
            variable,
            except,
        } = self
        else {
            return String::new();
        };
        if except
            .as_deref()
            .is_some_and(|list| is_listed(target, list))
        {
            return String::new();
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        let proxy = format!(" through the proxy {}://{host}{port}", url.scheme());
        match variable {
            None => proxy,
            Some(variable) => format!("{proxy} ({variable})"),
        }
    }
}

/// Whether a list such as `NO_PROXY` contains the host of a URL, by the rules of the HTTP client.
fn is_listed(target: &Url, list: &str) -> bool {
    let matcher = Matcher::builder().all("http://proxy").no(list).build();
    let target: Option<Uri> = target.as_str().parse().ok();
    target.is_some_and(|target| matcher.intercept(&target).is_none())
}

/// The environment variable that names the proxy, and its value. An empty value counts as unset.
fn variable(
    tls: bool,
    environment: impl Fn(&str) -> Option<String>,
) -> Option<(&'static str, String)> {
    // In a CGI script, a request header "Proxy" becomes HTTP_PROXY (https://httpoxy.org).
    let cgi = environment("REQUEST_METHOD").is_some();
    let names: &[&str] = match (tls, cgi) {
        (true, _) => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        (false, false) => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        (false, true) => &["ALL_PROXY", "all_proxy"],
    };
    names.iter().find_map(|name| {
        let value = environment(name).filter(|value| !value.is_empty())?;
        Some((*name, value))
    })
}

/// Parses the URL of a proxy. As in curl, the default scheme is `http`. An `@` after the host means
/// that the host is a part of the password.
fn parse(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    url.ok().filter(|url| {
        let after_host = [Some(url.path()), url.query(), url.fragment()];
        let has_user_info = after_host.into_iter().flatten().any(|it| it.contains('@'));
        url.has_host() && SCHEMES.contains(&url.scheme()) && !has_user_info
    })
}

fn refused(what: &str) -> Error {
    Error::argument(format!(
        "{what} is not a valid URL, such as \"http://host:8080\" (or https://, socks5://, \
         socks5h://). Characters such as / and # in its password must be written as %2F and %23."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Url {
        Url::parse("https://api.test/v1").expect("a URL")
    }

    /// The description of the route that these environment variables select.
    fn way(tls: bool, variables: &[(&str, &str)]) -> String {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_string())
        };
        match Route::find(&ProxyChoice::Environment, tls, environment) {
            Ok(route) => route.describe(&target()),
            Err(error) => error.message,
        }
    }

    #[test]
    fn the_environment_names_a_proxy_for_each_scheme() {
        let both = [("HTTPS_PROXY", "http://s:1"), ("http_proxy", "h:2")];
        assert_eq!(
            way(true, &both),
            " through the proxy http://s:1 (HTTPS_PROXY)"
        );
        assert_eq!(
            way(false, &both),
            " through the proxy http://h:2 (http_proxy)"
        );
        let all = [("HTTPS_PROXY", ""), ("ALL_PROXY", "socks5h://a:3")];
        assert_eq!(
            way(true, &all),
            " through the proxy socks5h://a:3 (ALL_PROXY)"
        );
        assert_eq!(way(true, &[("HTTP_PROXY", "http://h:2")]), "");
    }

    #[test]
    fn the_environment_of_a_cgi_script_is_not_trusted() {
        let script = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1")];
        assert_eq!(way(false, &script), "");
    }

    #[test]
    fn excepted_hosts_use_no_proxy() {
        let description = |except| way(true, &[("HTTPS_PROXY", "http://s"), ("no_proxy", except)]);
        let proxied = " through the proxy http://s:80 (HTTPS_PROXY)";
        for except in ["corp", "other.test", "10.0.0.0/8", ""] {
            assert_eq!(description(except), proxied, "{except}");
        }
        for except in ["api.test", ".test", "test", "*", "corp, api.test"] {
            assert_eq!(description(except), "", "{except}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_rejected_without_showing_its_password() {
        for value in [
            "http://",
            "ftp://host",
            "http://u:secret/1@host:1",
            "http://u:1/secret@host:1",
            "http://u:1@secret/1@host:1",
            "http://u:1@secret?1@host:1",
            "http://u:secret@host:x",
        ] {
            let description = way(true, &[("HTTPS_PROXY", value)]);
            let start = "The environment variable HTTPS_PROXY is not a valid URL";
            assert!(
                description.starts_with(start) && !description.contains("secret"),
                "{description}"
            );
        }
    }

    #[test]
    fn a_proxy_password_is_not_shown() {
        let description = way(true, &[("HTTPS_PROXY", "http://u:p@ss@host:1")]);
        assert_eq!(
            description,
            " through the proxy http://host:1 (HTTPS_PROXY)"
        );
    }
}
