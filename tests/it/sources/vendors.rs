//! Backends of vendors: a server on this machine answers in the form that they document, and only to requests in the form
//! that they document.

use super::documented::{ALL, Exchange, SECRET, TOKEN, Vendor};
use super::{CARTS, expect, listed, row};
use crate::support::misbehaving::{Reply, Server};

/// Starts the server of a vendor.
fn serve(answers: &'static [Exchange]) -> Server {
    Server::start(move |request| {
        let fits = |(parts, _): &&Exchange| {
            let (line, rest) = parts.split_first().unwrap();
            request.starts_with(line) && rest.iter().all(|part| request.contains(part))
        };
        let Some((_, body)) = answers.iter().find(fits) else {
            return Reply::json(404, r#"{"error": "this is not documented"}"#);
        };
        let kind = if body.starts_with([',', '\r']) {
            "text/csv"
        } else {
            "application/json"
        };
        Reply::Full {
            status: 200,
            headers: format!("Content-Type: {kind}\r\n"),
            body: (*body).to_owned(),
        }
    })
}

/// Returns what must be configured for a type, and the variables that it takes.
fn configured(kind: &str) -> (String, Vec<String>) {
    let own = match kind {
        "dynatrace" => {
            "api_token: '${DT_API_TOKEN}', platform_token: '${DT_PLATFORM_TOKEN}', platform_url: '${URL}'"
        }
        "datadog" => "api_key: '${DD_API_KEY}', app_key: '${DD_APP_KEY}'",
        _ => "",
    };
    let provider = listed()
        .into_iter()
        .find(|provider| provider["type"] == kind);
    let needs = provider.unwrap()["needs"].clone();
    let needs: Vec<&str> = needs
        .as_array()
        .unwrap()
        .iter()
        .map(|need| need.as_str().unwrap())
        .collect();
    let mut vars: Vec<String> = needs
        .iter()
        .filter_map(|need| need.strip_prefix("vars."))
        .map(|name| format!("{name}: '42'"))
        .collect();
    if kind == "azure-monitor" {
        vars.push("login: '${URL}'".to_owned());
    }
    let mut keys = vec![
        "url: '${URL}'".to_owned(),
        "retry: { attempts: 1 }".to_owned(),
    ];
    if !vars.is_empty() {
        keys.push(format!("vars: {{ {} }}", vars.join(", ")));
    }
    keys.extend((!own.is_empty()).then(|| own.to_owned()));
    let variables = needs
        .into_iter()
        .filter(|need| need.starts_with(|c: char| c.is_ascii_uppercase()));
    (
        format!("providers: {{ {kind}: {{ {} }} }}\n", keys.join(", ")),
        variables.map(str::to_owned).collect(),
    )
}

#[test]
fn every_example_of_a_vendor_asks_as_it_documents() {
    for Vendor {
        key,
        answers,
        value,
    } in ALL
    {
        let server = serve(answers);
        let kind = key.split(' ').next().unwrap();
        let (config, variables) = configured(kind);
        let gate = row(key)
            .gate()
            .file("tidegate.yaml", config)
            .env("URL", server.url())
            .env("DT_API_TOKEN", TOKEN)
            .args(CARTS);
        let secrets = ["DT_PLATFORM_TOKEN", "DD_API_KEY", "DD_APP_KEY"];
        let gate = secrets
            .into_iter()
            .chain(variables.iter().map(String::as_str))
            .fold(gate, |gate, name| gate.env(name, SECRET));
        expect(key, &gate, value);
    }
}
