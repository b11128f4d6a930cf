//! Which addresses may be connected to: others write the URLs of webhooks, and must not reach what only this machine can.
//!
//! The address is checked where it is used: every name is resolved by [`GuardedResolver`], which hands over nothing that
//! is denied, and the connection goes to exactly what it hands over. A name whose address changes between two looks
//! therefore gains nothing; nor does a redirect, and a proxy is never asked.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Which addresses may be connected to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// All: whoever configures a server knows where it is.
    #[default]
    Any,
    /// Those of the public Internet, and these.
    Public {
        /// What is allowed besides.
        allow: Vec<AllowedTarget>,
    },
}

/// A host or a network that may be connected to though it is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedTarget {
    /// A host by its name, in lower case, whatever its address: `hooks.example.org`, or `*.example.org`.
    Host(String),
    /// The addresses of a network.
    Network {
        /// Its address.
        address: IpAddr,
        /// How many bits of it count.
        bits: u8,
    },
}

/// A text names neither a host nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a host such as hooks.example.org, a domain such as *.example.org, or a network such as 10.1.0.0/16"
)]
pub struct UnreadableTarget;

/// An address that must not be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is {kind}, and not allowed")]
pub(super) struct Denied {
    /// The host, or its address.
    pub(super) address: String,
    /// What it is.
    pub(super) kind: &'static str,
}

impl FromStr for AllowedTarget {
    type Err = UnreadableTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse);
            let bits = bits.map_err(|_no_number| UnreadableTarget)?;
            return if bits <= most {
                Ok(Self::Network { address, bits })
            } else {
                Err(UnreadableTarget)
            };
        }
        let name = text.strip_prefix("*.").unwrap_or(text);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bits.is_some() || name.is_empty() || !name.chars().all(is_name) {
            return Err(UnreadableTarget);
        }
        Ok(Self::Host(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for AllowedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Network { address, bits } => write!(f, "{address}/{bits}"),
        }
    }
}

impl AllowedTarget {
    /// Tells whether it names a host.
    fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Self::Host(name) => match name.strip_prefix('*') {
                Some(domain) => host.ends_with(domain),
                None => host == *name,
            },
            Self::Network { .. } => false,
        }
    }

    /// Tells whether an address lies in it.
    fn holds(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Host(_), _) => false,
            (
                Self::Network {
                    address: IpAddr::V4(network),
                    bits,
                },
                IpAddr::V4(address),
            ) => {
                let shift = 32_u32.saturating_sub(u32::from(*bits));
                let part = |address: Ipv4Addr| u64::from(address.to_bits()) >> shift;
                part(*network) == part(address)
            }
            (
                Self::Network {
                    address: IpAddr::V6(network),
                    bits,
                },
                IpAddr::V6(address),
            ) => {
                let shift = 128_u32.saturating_sub(u32::from(*bits));
                let part = |address: Ipv6Addr| address.to_bits().checked_shr(shift).unwrap_or(0);
                part(*network) == part(address)
            }
            (
                Self::Network {
                    address: IpAddr::V4(_),
                    ..
                },
                IpAddr::V6(_),
            )
            | (
                Self::Network {
                    address: IpAddr::V6(_),
                    ..
                },
                IpAddr::V4(_),
            ) => false,
        }
    }
}

impl AddressPolicy {
    /// Checks the host of a URL as far as it can be checked before it is resolved: addresses, and names that mean a
    /// cluster or a cloud from inside.
    pub(super) fn check(&self, url: &Url) -> Result<(), Denied> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(address.into()),
            Some(Host::Ipv6(address)) => self.check_address(address.into()),
            Some(Host::Domain(name)) => self.check_name(name).map(|_known| ()),
            None => Ok(()),
        }
    }

    /// Checks an address that is to be connected to.
    fn check_address(&self, address: IpAddr) -> Result<(), Denied> {
        let Self::Public { allow } = self else {
            return Ok(());
        };
        let address = address.to_canonical();
        match kind(address) {
            Some(_) if allow.iter().any(|allowed| allowed.holds(address)) => Ok(()),
            Some(kind) => Err(Denied {
                address: address.to_string(),
                kind,
            }),
            None => Ok(()),
        }
    }

    /// Checks a name; tells whether its addresses are to be checked, too.
    fn check_name(&self, name: &str) -> Result<Addresses, Denied> {
        let Self::Public { allow } = self else {
            return Ok(Addresses::Free);
        };
        if allow.iter().any(|allowed| allowed.names(name)) {
            return Ok(Addresses::Free);
        }
        let plain = name.trim_end_matches('.').to_ascii_lowercase();
        let is_below = |domain: &str| plain == domain || plain.ends_with(&format!(".{domain}"));
        let kind = if is_below("localhost") {
            "this machine"
        } else if is_below("cluster.local") || is_below("svc") || plain.starts_with("kubernetes") {
            "a name of the cluster"
        } else if is_below("internal") {
            "a name of the cloud's own network"
        } else {
            return Ok(Addresses::Checked);
        };
        let address = plain;
        Err(Denied { address, kind })
    }

    /// Resolves a name to addresses that may be connected to. One that is denied denies all: whoever mixes them hopes
    /// for the wrong one.
    async fn resolve(&self, name: &str, lookup: &dyn Lookup) -> Result<Vec<SocketAddr>, Trouble> {
        let addresses = self.check_name(name)?;
        let found = lookup.addresses(name).await?;
        if addresses == Addresses::Checked {
            for address in &found {
                self.check_address(address.ip())?;
            }
        }
        Ok(found)
    }
}

/// Whether the addresses of a name are to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addresses {
    /// They are.
    Checked,
    /// The name itself is allowed.
    Free,
}

/// What goes wrong in a resolver, as the HTTP library wants it.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Finds the addresses of names.
#[async_trait::async_trait]
trait Lookup: Send + Sync {
    /// Returns the addresses of a name.
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>>;
}

/// Asks the operating system.
struct SystemLookup;

#[async_trait::async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

/// Resolves names to addresses that a policy lets through.
pub(super) struct GuardedResolver {
    /// The policy.
    policy: Arc<AddressPolicy>,
    /// Finds the addresses.
    lookup: Arc<dyn Lookup>,
}

impl GuardedResolver {
    /// Makes a resolver that asks the operating system.
    pub(super) fn new(policy: AddressPolicy) -> Self {
        Self {
            policy: Arc::new(policy),
            lookup: Arc::new(SystemLookup),
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, lookup) = (Arc::clone(&self.policy), Arc::clone(&self.lookup));
        Box::pin(async move {
            let found = policy.resolve(name.as_str(), lookup.as_ref()).await?;
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Says what an address is that is not one of the public Internet; `None` for one that is.
fn kind(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// Says what an address of version 4 is.
fn kind_v4(address: Ipv4Addr) -> Option<&'static str> {
    let octets = address.octets();
    Some(match octets {
        [127, ..] => "an address of this machine",
        [0, ..] => "an address of this network",
        [169, 254, ..] => "a link-local address, where clouds keep their metadata",
        // Where Azure answers its virtual machines.
        [168, 63, 129, 16] => "an address of the cloud's metadata",
        [10, ..] | [192, 168, ..] => "a private address",
        [172, second, ..] if second & 0xf0 == 16 => "a private address",
        [100, second, ..] if second & 0xc0 == 64 => "a shared address of a carrier",
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "a reserved address",
        [192, 88, 99, _] => "a reserved address",
        [198, 18 | 19, ..] => "a reserved address",
        [first, ..] if first >= 224 => "a multicast or reserved address",
        _ => return None,
    })
}

/// Says what an address of version 6 is. Those that carry one of version 4 are what that is.
fn kind_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        kind_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("an address of this machine"),
        [0, 0, 0, 0, 0, 0xffff, high, low] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some("a link-local address"),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some("a private address"),
        // Teredo carries the addresses of others; documentation.
        [0x2001, 0 | 0xdb8, ..] => Some("a reserved address"),
        [first, ..] if first & 0xe000 == 0x2000 => None,
        _ => Some("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;

    /// Only what is public, and these.
    fn public(allow: &[&str]) -> AddressPolicy {
        let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
        AddressPolicy::Public { allow }
    }

    fn checked(policy: &AddressPolicy, url: &str) -> String {
        match policy.check(&Url::parse(url).unwrap()) {
            Ok(()) => "fine".to_owned(),
            Err(denied) => denied.to_string(),
        }
    }

    #[test]
    fn what_is_not_public_is_denied_however_it_is_written() {
        let table = [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:7f00:1::]/",
            "http://169.254.169.254/latest/meta-data",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://10.0.0.1/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://100.100.100.200/",
            "http://168.63.129.16/",
            "http://192.0.0.192/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[ff02::1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://kubernetes/",
            "http://kubernetes.default.svc/",
            "http://db.shop.svc.cluster.local/",
            "http://metadata.google.internal/",
        ];
        for url in table {
            assert_ne!(checked(&public(&[]), url), "fine", "{url}");
            assert_eq!(checked(&AddressPolicy::Any, url), "fine", "{url}");
        }
    }

    #[test]
    fn what_is_public_is_let_through() {
        for url in [
            "https://93.184.216.34/",
            "https://172.32.0.1/",
            "https://100.128.0.1/",
            "https://[2606:4700::1111]/",
            "https://[64:ff9b::5db8:d822]/",
            "https://hooks.example.org/",
        ] {
            assert_eq!(checked(&public(&[]), url), "fine", "{url}");
        }
    }

    #[test]
    fn the_list_allows_hosts_domains_and_networks() {
        let policy = public(&[
            "10.1.0.0/16",
            "LOCALHOST",
            "*.cluster.local",
            "[::1]",
            "fd00::/8",
        ]);
        for (url, expected) in [
            ("http://10.1.2.3/", true),
            ("http://[::ffff:10.1.2.3]/", true),
            ("http://10.2.0.1/", false),
            ("http://localhost/", true),
            ("http://127.0.0.1/", false),
            ("http://a.b.cluster.local/", true),
            ("http://evilcluster.local.svc/", false),
            ("http://[::1]/", true),
            ("http://[fd12::1]/", true),
        ] {
            assert_eq!(checked(&policy, url) == "fine", expected, "{url}");
        }
        let everything = public(&["0.0.0.0/0", "::/0"]);
        assert_eq!(checked(&everything, "http://127.0.0.1/"), "fine");
        assert_eq!(checked(&everything, "http://[::1]/"), "fine");
        for text in [
            "",
            "*.",
            "10.0.0.0/33",
            "::/129",
            "a/8",
            "http://a",
            "a b",
            "10.0.0.0/x",
        ] {
            assert_eq!(
                text.parse::<AllowedTarget>(),
                Err(UnreadableTarget),
                "{text}"
            );
        }
    }

    /// Names that are public when they are looked at first, and this machine afterwards.
    #[derive(Default)]
    struct Rebinding(AtomicUsize);

    #[async_trait::async_trait]
    impl Lookup for Rebinding {
        async fn addresses(&self, _name: &str) -> std::io::Result<Vec<SocketAddr>> {
            let is_first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            let address = if is_first {
                [93, 184, 216, 34]
            } else {
                [127, 0, 0, 1]
            };
            Ok(vec![(address, 0).into()])
        }
    }

    #[tokio::test]
    async fn a_name_whose_address_changes_is_denied_where_it_is_used() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lookup = Rebinding::default();
        let policy = public(&[]);
        let first = policy.resolve("hooks.example.org", &lookup).await.unwrap();
        assert_eq!(first, [SocketAddr::from(([93, 184, 216, 34], 0))]);
        let resolver = GuardedResolver {
            policy: Arc::new(policy),
            lookup: Arc::new(lookup),
        };
        crate::net::tls::choose_cryptography();
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(Arc::new(resolver))
            .build()
            .unwrap();
        let url = format!("http://hooks.example.org:{port}/");
        let error = client.get(url).send().await.unwrap_err();
        let failure =
            crate::net::SendFailure::of(&error, "h".to_owned(), std::time::Duration::ZERO);
        assert_eq!(
            failure.to_string(),
            "h must not be connected to: 127.0.0.1 is an address of this machine, and not allowed"
        );
    }

    /// A name with two addresses.
    struct Mixed;

    #[async_trait::async_trait]
    impl Lookup for Mixed {
        async fn addresses(&self, _name: &str) -> std::io::Result<Vec<SocketAddr>> {
            Ok(vec![
                ([93, 184, 216, 34], 0).into(),
                ([10, 0, 0, 1], 0).into(),
            ])
        }
    }

    #[tokio::test]
    async fn one_denied_address_denies_a_name_unless_the_name_is_allowed() {
        let name = "hooks.example.org";
        assert!(public(&[]).resolve(name, &Mixed).await.is_err());
        assert!(public(&["10.0.0.1"]).resolve(name, &Mixed).await.is_ok());
        assert!(public(&[name]).resolve(name, &Mixed).await.is_ok());
    }

    proptest! {
        #[test]
        fn an_address_of_version_4_is_the_same_in_every_dress(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let plain = kind_v4(address);
            prop_assert_eq!(kind_v6(address.to_ipv6_mapped()), plain);
            prop_assert_eq!(kind_v6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low)), plain);
            prop_assert_eq!(kind_v6(Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 0)), plain);
        }

        #[test]
        fn any_text_is_a_target_or_refused(text in ".{0,40}") {
            if let Ok(target) = text.parse::<AllowedTarget>() {
                prop_assert_eq!(target.to_string().parse(), Ok(target));
            }
        }
    }
}
