//! The registry of probe kinds: adding one adds a line to [`KINDS`], and nothing else knows how many there are.

use super::generator::{k6, locust};
use super::kind::Kind;
#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "redis")]
use super::redis;
use super::{demo, dns, exec, grpc, http, icmp, process, prometheus, tcp, tls, udp, websocket};

/// Every kind there is, in the order of the reference.
pub static KINDS: &[&Kind] = &[
    &http::KIND,
    &tcp::KIND,
    &udp::KIND,
    &tls::KIND,
    &dns::KIND,
    &icmp::KIND,
    &websocket::KIND,
    &grpc::KIND,
    #[cfg(feature = "postgres")]
    &postgres::KIND,
    #[cfg(feature = "redis")]
    &redis::KIND,
    &exec::KIND,
    &prometheus::KIND,
    &k6::KIND,
    &locust::KIND,
    &process::KIND,
    &demo::KIND,
];

/// Cargo features that bring a kind, and the schemes it has.
const FEATURES: &[(&str, &[&str])] = &[
    ("postgres", &["postgres", "postgresql"]),
    ("redis", &["redis", "rediss"]),
];

/// The kind that probes URLs of `scheme`.
pub fn of_scheme(scheme: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.schemes.contains(&scheme))
}

/// The feature that would have brought a kind for `scheme` to this build.
pub fn left_out(scheme: &str) -> Option<&'static str> {
    let feature = FEATURES.iter().find(|(_, schemes)| schemes.contains(&scheme));
    feature.map(|(name, _)| *name).filter(|_| of_scheme(scheme).is_none())
}

/// Every scheme there is, in the order of the registry.
pub fn schemes() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|kind| kind.schemes.iter().copied())
}

#[cfg(test)]
mod tests {
    use toml::de::ValueDeserializer;
    use url::Url;

    use super::*;

    #[test]
    fn each_scheme_picks_one_kind() {
        let schemes: Vec<_> = schemes().collect();
        let mut distinct = schemes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), schemes.len());
        for kind in KINDS {
            let url = Url::parse(kind.example).unwrap();
            assert_eq!(of_scheme(url.scheme()).unwrap().name, kind.name);
        }
    }

    #[test]
    fn a_scheme_is_either_there_or_left_out_with_its_feature() {
        for (feature, schemes) in FEATURES {
            for scheme in *schemes {
                let expected = of_scheme(scheme).is_none().then_some(*feature);
                assert_eq!(left_out(scheme), expected, "{scheme}");
            }
        }
        assert_eq!(left_out("http"), None);
        assert_eq!(left_out("gopher"), None);
    }

    #[test]
    fn settings_without_keys_are_of_their_kind_and_find_no_fault_with_its_example() {
        for kind in KINDS {
            let settings = (kind.read)(ValueDeserializer::parse("{}").unwrap()).unwrap();
            assert_eq!(settings.kind().name, kind.name);
            assert_eq!(settings.check(&Url::parse(kind.example).unwrap()), []);
        }
    }
}
