//! Mutual TLS with exactly one client: the Terraform process that started us.
//!
//! Terraform's certificate is a self-signed CA certificate used as a leaf, on curve P-521. Stock verification refuses
//! the former and ring cannot do the latter. So the certificate, which we know in advance, is compared byte by byte,
//! and aws-lc-rs checks the signatures.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{CertificateParams, CertifiedKey, DnType, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig, SignatureScheme,
};
use tokio_rustls::server::TlsStream;

/// More than enough on a local socket; a silent peer must not hold its place for ever.
const HANDSHAKE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Terraform's certificate in PLUGIN_CLIENT_CERT isn't readable: {0}")]
    ClientCertificate(#[from] rustls_pki_types::pem::Error),
    #[error("can't make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("can't set up TLS: {0}")]
    Setup(#[from] TlsError),
}

/// Our side of TLS, for the life of this process.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    certificate: CertificateDer<'static>,
}

impl Tls {
    /// Admits nobody but the holder of the key to the certificate `client` (PEM).
    pub fn pinned(client: &str) -> Result<Self, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let pinned = Pinned { client: CertificateDer::from_pem_slice(client.as_bytes())?, provider: provider.clone() };
        let CertifiedKey { cert, signing_key } = own_certificate()?;
        let certificate = cert.der().clone();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(pinned))
            .with_single_cert(vec![certificate.clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { acceptor: Arc::new(config).into(), certificate })
    }

    /// Our certificate as the handshake line carries it.
    pub fn printed(&self) -> String {
        STANDARD_NO_PAD.encode(&self.certificate)
    }

    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, socket: S) -> io::Result<TlsStream<S>> {
        tokio::time::timeout(HANDSHAKE, self.acceptor.accept(socket)).await?
    }
}

/// Fresh for each process: a P-256 key and a certificate for `localhost`, the name that Terraform expects.
fn own_certificate() -> Result<CertifiedKey<KeyPair>, rcgen::Error> {
    let signing_key = KeyPair::generate()?;
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    Ok(CertifiedKey { cert: params.self_signed(&signing_key)?, signing_key })
}

#[derive(Debug)]
struct Pinned {
    client: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        presented: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        if *presented == self.client {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
