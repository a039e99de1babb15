//! Terraform's side of the protocol: starts the provider's binary as go-plugin does, shakes hands, dials, asks.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value as Json;
use tempfile::TempDir;
use terraform_provider_fargate::protocol::wire::plugin::Empty;
use terraform_provider_fargate::protocol::wire::plugin::grpc_controller_client::GrpcControllerClient;
use terraform_provider_fargate::protocol::wire::tfplugin6 as wire;
use terraform_provider_fargate::protocol::wire::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tonic::transport::{Channel, Endpoint, Error, Uri};

use crate::packed::pack;

pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for a condition, not for a time.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A client certificate as go-plugin makes it: P-521, self-signed, a CA that is used as a leaf.
pub struct Identity {
    pub pem: String,
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Identity {
    pub fn new() -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.distinguished_name.push(DnType::OrganizationName, "HashiCorp");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), certificate: certificate.der().clone(), key }
    }

    /// This certificate, in the hands of someone with only a key of their own.
    pub fn with_key_of(&self, other: &Self) -> Self {
        let key = KeyPair::try_from(other.key.serialize_der()).unwrap();
        Self { pem: self.pem.clone(), certificate: self.certificate.clone(), key }
    }
}

/// The first line, taken apart.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub line: String,
    pub fields: Vec<String>,
}

impl Handshake {
    fn parse(line: &str) -> Self {
        Self { line: line.to_owned(), fields: line.split('|').map(str::to_owned).collect() }
    }

    pub fn address(&self) -> PathBuf {
        self.fields[3].clone().into()
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(&self.fields[5]).expect("base64 without padding").into()
    }

    /// Trusts exactly the printed certificate, and shows `identity`, if any.
    pub async fn dial(&self, identity: Option<&Identity>) -> Result<Channel, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity {
            None => config.with_no_client_auth(),
            // Not with_client_auth_cert, which refuses the key of another.
            Some(Identity { certificate, key, .. }) => {
                let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
                let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
                let shown = CertifiedKey::new(vec![certificate.clone()], key);
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)))
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let (tls, socket) = (TlsConnector::from(Arc::new(config)), self.connect().await);
        channel(async move { tls.connect(ServerName::try_from("localhost").unwrap(), socket).await }).await
    }

    pub async fn dial_plain(&self) -> Result<Channel, Error> {
        let socket = self.connect().await;
        channel(async { Ok(socket) }).await
    }

    pub async fn connect(&self) -> Box<dyn Stream> {
        match self.fields[2].as_str() {
            "unix" => Box::new(UnixStream::connect(self.address()).await.unwrap()),
            "tcp" => Box::new(TcpStream::connect(&self.fields[3]).await.unwrap()),
            other => panic!("unknown network {other}"),
        }
    }
}

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A channel over one connection.
pub async fn channel<S: Stream + 'static>(
    connection: impl Future<Output = std::io::Result<S>> + Send + 'static,
) -> Result<Channel, Error> {
    let mut connection = Some(connection);
    let connector = tower::service_fn(move |_: Uri| {
        let connection = connection.take();
        async {
            match connection {
                Some(connection) => connection.await.map(TokioIo::new),
                None => Err(std::io::Error::other("the one connection is used up")),
            }
        }
    });
    Endpoint::from_static("http://localhost").timeout(PATIENCE).connect_with_connector(connector).await
}

/// A running provider. Killed when dropped.
pub struct Plugin {
    pub child: Child,
    pub handshake: Handshake,
    pub identity: Identity,
    stderr: Arc<Mutex<String>>,
    /// What follows the handshake on stdout, and the reading of stderr, both to their ends.
    output: Option<(JoinHandle<String>, JoinHandle<()>)>,
    /// Takes along the sockets of providers that were killed.
    _temporary: TempDir,
}

impl Plugin {
    pub async fn start(binary: &str) -> Self {
        Self::start_with(Command::new(binary), |_| {}).await
    }

    /// `adjust` has the last word on the environment.
    pub async fn start_with(mut command: Command, adjust: impl FnOnce(&mut Command)) -> Self {
        let identity = Identity::new();
        let temporary = tempfile::tempdir().unwrap();
        command.env("TMPDIR", temporary.path());
        command.env(COOKIE.0, COOKIE.1);
        command.env("PLUGIN_PROTOCOL_VERSIONS", "6,5");
        command.env("PLUGIN_MIN_PORT", "10000").env("PLUGIN_MAX_PORT", "25000");
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        adjust(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the provider starts");

        let stderr = Arc::new(Mutex::new(String::new()));
        let (gathered, mut lines) = (stderr.clone(), BufReader::new(child.stderr.take().unwrap()).lines());
        let complaints = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                gathered.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("a first line in time").unwrap();
        // Nothing may follow; drained all the same, as Terraform does.
        let rest = tokio::spawn(async move {
            let mut rest = String::new();
            let _ = stdout.read_to_string(&mut rest).await;
            rest
        });
        let handshake = Handshake::parse(line.trim_end());
        assert_ne!(handshake.line, "", "no first line; stderr: {}", stderr.lock().unwrap());
        Self { child, handshake, identity, stderr, output: Some((rest, complaints)), _temporary: temporary }
    }

    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub async fn dial(&self) -> Terraform {
        Terraform::over(self.handshake.dial(Some(&self.identity)).await.expect("mutual TLS"))
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().expect("still running").to_string();
        // The shell's own kill: slim systems have no program of that name.
        let mut shell = std::process::Command::new("sh");
        let sent = shell.args(["-c", "kill -s \"$0\" \"$1\"", signal, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, after which `stderr` is all there ever was. Nothing may follow the handshake on stdout.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the provider ends").unwrap();
        if let Some((rest, complaints)) = self.output.take() {
            assert_eq!(rest.await.unwrap(), "", "stdout after the handshake");
            complaints.await.unwrap();
        }
        status
    }
}

/// Asks as Terraform asks. Values are JSON, see `packed`.
#[derive(Clone)]
pub struct Terraform {
    pub channel: Channel,
    pub provider: ProviderClient<Channel>,
}

/// One resource instance on its way from one state to another.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    pub type_name: &'a str,
    pub prior: &'a Json,
    pub planned: &'a Json,
    pub config: &'a Json,
    pub private: &'a [u8],
}

impl Terraform {
    pub fn over(channel: Channel) -> Self {
        let provider = ProviderClient::new(channel.clone());
        let provider = provider.max_decoding_message_size(usize::MAX).max_encoding_message_size(usize::MAX);
        Self { channel, provider }
    }

    pub async fn schema(&mut self) -> wire::get_provider_schema::Response {
        self.provider.get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap().into_inner()
    }

    pub async fn configure(&mut self, config: &Json) -> Vec<wire::Diagnostic> {
        let request = wire::configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: Some(pack(config)),
            client_capabilities: None,
        };
        self.provider.configure_provider(request).await.unwrap().into_inner().diagnostics
    }

    pub async fn validate(&mut self, type_name: &str, config: &Json) -> Vec<wire::Diagnostic> {
        let request = wire::validate_resource_config::Request {
            type_name: type_name.into(),
            config: Some(pack(config)),
            client_capabilities: None,
        };
        self.provider.validate_resource_config(request).await.unwrap().into_inner().diagnostics
    }

    pub async fn upgrade(
        &mut self,
        type_name: &str,
        version: i64,
        state: &Json,
    ) -> wire::upgrade_resource_state::Response {
        let raw_state = wire::RawState { json: state.to_string().into_bytes(), ..Default::default() };
        let request =
            wire::upgrade_resource_state::Request { type_name: type_name.into(), version, raw_state: Some(raw_state) };
        self.provider.upgrade_resource_state(request).await.unwrap().into_inner()
    }

    pub async fn read(&mut self, type_name: &str, state: &Json, private: &[u8]) -> wire::read_resource::Response {
        let request = wire::read_resource::Request {
            type_name: type_name.into(),
            current_state: Some(pack(state)),
            private: private.into(),
            ..Default::default()
        };
        self.provider.read_resource(request).await.unwrap().into_inner()
    }

    /// `step.planned` is the proposed new state.
    pub async fn plan(&mut self, step: Step<'_>) -> wire::plan_resource_change::Response {
        let request = wire::plan_resource_change::Request {
            type_name: step.type_name.into(),
            prior_state: Some(pack(step.prior)),
            proposed_new_state: Some(pack(step.planned)),
            config: Some(pack(step.config)),
            prior_private: step.private.into(),
            ..Default::default()
        };
        self.provider.plan_resource_change(request).await.unwrap().into_inner()
    }

    pub async fn apply(&mut self, step: Step<'_>) -> wire::apply_resource_change::Response {
        let request = wire::apply_resource_change::Request {
            type_name: step.type_name.into(),
            prior_state: Some(pack(step.prior)),
            planned_state: Some(pack(step.planned)),
            config: Some(pack(step.config)),
            planned_private: step.private.into(),
            ..Default::default()
        };
        self.provider.apply_resource_change(request).await.unwrap().into_inner()
    }

    pub async fn import(&mut self, type_name: &str, id: &str) -> wire::import_resource_state::Response {
        let request =
            wire::import_resource_state::Request { type_name: type_name.into(), id: id.into(), ..Default::default() };
        self.provider.import_resource_state(request).await.unwrap().into_inner()
    }

    pub async fn stop(&mut self) {
        let answer = self.provider.stop_provider(wire::stop_provider::Request {}).await.unwrap();
        assert_eq!(answer.into_inner().error, "");
    }

    /// What Terraform does at the end of each phase.
    pub async fn shutdown(self) {
        GrpcControllerClient::new(self.channel).shutdown(Empty {}).await.unwrap();
    }
}
