using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sessions.Host.Configuration;

namespace Sessions.Host.Tls;

/// <summary>
/// <c>certificates DIRECTORY [AUTHORITY]</c>: makes an authority for one cluster, and a certificate for its processes.
/// A container's image has no openssl.
/// </summary>
internal static class CertificateFiles
{
    /// <summary>The certificate, in the directory.</summary>
    public const string Certificate = "cluster.crt";

    /// <summary>The certificate's key, in the directory. Only its owner may read it.</summary>
    public const string Key = "cluster.key";

    /// <summary>The authority's certificate, in both directories.</summary>
    public const string Authority = "ca.crt";

    private const string AuthorityKey = "ca.key";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan AuthorityLasts = TimeSpan.FromDays(3650);
    private static readonly TimeSpan CertificateLasts = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(120);

    // Machines' clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>
    /// Makes what is missing, and renews a certificate that ends within 120 days or is of another authority. Processes
    /// read a renewed one by themselves.
    /// </summary>
    /// <param name="directory">Gets the certificate, its key and the authority's certificate.</param>
    /// <param name="authority">Has the authority with its key, which no process needs.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="ConfigurationException">A directory can't be written, or the authority's files can't be used.</exception>
    public static IReadOnlyList<string> Make(string directory, string authority, TimeProvider time)
    {
        try
        {
            List<string> written = [];
            Directory.CreateDirectory(directory);
            Directory.CreateDirectory(authority);
            using X509Certificate2 signer = LoadOrMakeAuthority(authority, time.GetUtcNow(), written);
            if (Write(directory, Authority, signer.ExportCertificatePem(), isSecret: false))
            {
                written.Add(Path.Combine(directory, Authority));
            }

            if (!IsGood(Path.Combine(directory, Certificate), signer, time.GetUtcNow()))
            {
                Sign(directory, signer, time.GetUtcNow());
                written.Add(Path.Combine(directory, Certificate));
                written.Add(Path.Combine(directory, Key));
            }

            return written;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"certificates: {RoleConfiguration.FirstLine(failure)}", failure);
        }
    }

    private static X509Certificate2 LoadOrMakeAuthority(string directory, DateTimeOffset now, List<string> written)
    {
        (string certificate, string keyFile) = (Path.Combine(directory, Authority), Path.Combine(directory, AuthorityKey));
        if (File.Exists(keyFile))
        {
            return X509Certificate2.CreateFromPemFile(certificate, keyFile);
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=sessions cluster", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        X509Certificate2 made = request.CreateSelfSigned(now - Margin, now + AuthorityLasts);
        Write(directory, Authority, made.ExportCertificatePem(), isSecret: false);
        Write(directory, AuthorityKey, key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        written.AddRange([certificate, keyFile]);
        return made;
    }

    private static bool IsGood(string file, X509Certificate2 signer, DateTimeOffset now)
    {
        if (!File.Exists(file) || !File.Exists(Path.ChangeExtension(file, "key")))
        {
            return false;
        }

        using X509Certificate2 present = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(signer);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = (now + RenewBefore).UtcDateTime;
        return chain.Build(present);
    }

    private static void Sign(string directory, X509Certificate2 signer, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=sessions", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], false));
        DateTimeOffset until = now + CertificateLasts;
        using X509Certificate2 made = request.Create(
            signer, now - Margin, until < signer.NotAfter ? until : signer.NotAfter, RandomNumberGenerator.GetBytes(16));
        Write(directory, Key, key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        Write(directory, Certificate, made.ExportCertificatePem(), isSecret: false);
    }

    /// <summary>Writes a file in one step, because processes may read it at any time. False when it has this content.</summary>
    private static bool Write(string directory, string name, string content, bool isSecret)
    {
        string path = Path.Combine(directory, name), beside = path + ".new";
        if (File.Exists(path) && File.ReadAllText(path) == content)
        {
            return false;
        }

        File.Delete(beside);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (isSecret ? 0 : UnixFileMode.GroupRead | UnixFileMode.OtherRead),
        };
        using (StreamWriter writer = new(beside, options))
        {
            writer.Write(content);
        }

        File.Move(beside, path, overwrite: true);
        return true;
    }
}
