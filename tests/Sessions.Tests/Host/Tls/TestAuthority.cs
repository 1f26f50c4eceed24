using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sessions.Tests.Host.Tls;

/// <summary>Signs certificates for a test, and writes them where a process can read them.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Clocks differ, and what a signer signs may not outlive it.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    private readonly X509Certificate2 _own;
    private readonly string _folder;

    /// <summary>Makes an authority whose files lie in the folder.</summary>
    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _own = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
        File = Path.Combine(folder, $"{name}.crt");
        System.IO.File.WriteAllText(File, _own.ExportCertificatePem());
    }

    /// <summary>The authority's certificate.</summary>
    public string File { get; }

    /// <summary>A certificate and its key, for a server and a client alike, good for localhost.</summary>
    /// <param name="name">Names the files.</param>
    /// <param name="until">When it ends, from now on; a day by default.</param>
    public (string Certificate, string Key) Sign(string name, TimeSpan? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 signed = request.Create(
            _own, now.AddDays(-2), now + (until ?? TimeSpan.FromDays(1)) - Margin, RandomNumberGenerator.GetBytes(16));
        (string Certificate, string Key) files = (Path.Combine(_folder, $"{name}.crt"), Path.Combine(_folder, $"{name}.key"));
        System.IO.File.WriteAllText(files.Certificate, signed.ExportCertificatePem());
        System.IO.File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose() => _own.Dispose();
}
