using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sessions.Host.Configuration;

namespace Sessions.Host.Tls;

/// <summary>
/// The process's own certificate, and the authority that it trusts. The files are checked at every new connection, so
/// a renewed certificate needs no restart. If a new file can't be used, the previous certificate stays in use.
/// </summary>
internal sealed class ClusterCertificates
{
    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Loaded _loaded;
    private string? _fault;

    /// <exception cref="ConfigurationException">A file can't be used.</exception>
    public ClusterCertificates(TlsSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        Files files = ReadFiles();
        _loaded = new Loaded(files, Load(files));
    }

    /// <summary>The certificate that this process presents.</summary>
    public X509Certificate2 Own => Current().Own;

    /// <summary>When the certificate in use ends, or one of its issuers before it.</summary>
    public DateTimeOffset Until => Current().Until;

    /// <summary>Why the present files can't be used, so that the previous ones still are; null when they can.</summary>
    public string? Fault
    {
        get
        {
            Current();
            lock (_gate)
            {
                return _fault;
            }
        }
    }

    /// <summary>The time by which certificates are judged.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Whether a certificate belongs to this cluster and is valid now.</summary>
    public bool Trusts(X509Certificate2 certificate) => Examine(certificate, Current().Authority, _time.GetUtcNow()).Fault is null;

    private Identity Current()
    {
        lock (_gate)
        {
            try
            {
                Files files = ReadFiles();
                if (files != _loaded.Of)
                {
                    _loaded = new Loaded(files, Load(files));
                }

                _fault = null;
            }
            catch (ConfigurationException unusable)
            {
                // Most often the operator is replacing the files at this moment. The next connection checks again.
                _fault = unusable.Message;
            }

            return _loaded.Identity;
        }
    }

    private Files ReadFiles() => new(
        ReadFile(nameof(TlsSettings.Certificate), _settings.Certificate!),
        ReadFile(nameof(TlsSettings.Key), _settings.Key!),
        ReadFile(nameof(TlsSettings.Authority), _settings.Authority!));

    private static string ReadFile(string name, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Wrong(name, path, RoleConfiguration.FirstLine(unreadable), unreadable);
        }
    }

    private Identity Load(Files files)
    {
        X509Certificate2Collection authority = [];
        try
        {
            authority.ImportFromPem(files.Authority);
        }
        catch (CryptographicException malformed)
        {
            throw Wrong(nameof(TlsSettings.Authority), _settings.Authority!, "it contains something else than certificates", malformed);
        }

        if (authority.Count == 0)
        {
            throw Wrong(nameof(TlsSettings.Authority), _settings.Authority!, "it contains no certificate in PEM format");
        }

        X509Certificate2 own;
        try
        {
            own = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            throw Wrong(
                nameof(TlsSettings.Certificate),
                _settings.Certificate!,
                $"it is not a certificate in PEM format that matches Tls:Key ({_settings.Key}) ({RoleConfiguration.FirstLine(malformed)})",
                malformed);
        }

        (string? fault, DateTimeOffset until) = Examine(own, authority, _time.GetUtcNow());
        return fault is null
            ? new Identity(own, authority, until)
            : throw Wrong(nameof(TlsSettings.Certificate), _settings.Certificate!, $"it is not trusted by Tls:Authority ({_settings.Authority}): {fault}");
    }

    /// <summary>Why a certificate is not trusted, null when it is; and until when its chain is valid.</summary>
    private static (string? Fault, DateTimeOffset Until) Examine(X509Certificate2 certificate, X509Certificate2Collection authority, DateTimeOffset now)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        // No download of missing certificates from the network.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (X509Certificate2 known in authority)
        {
            bool isRoot = known.SubjectName.RawData.AsSpan().SequenceEqual(known.IssuerName.RawData);
            (isRoot ? chain.ChainPolicy.CustomTrustStore : chain.ChainPolicy.ExtraStore).Add(known);
        }

        string? fault = chain.Build(certificate) ? null : string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct());
        return (fault, chain.ChainElements.Select(element => (DateTimeOffset)element.Certificate.NotAfter).Append(certificate.NotAfter).Min());
    }

    private static ConfigurationException Wrong(string name, string path, string fault, Exception? inner = null) =>
        new($"{TlsSettings.Section}:{name}: {path}: {fault}", inner);

    private sealed record Files(string Certificate, string Key, string Authority);

    private sealed record Identity(X509Certificate2 Own, X509Certificate2Collection Authority, DateTimeOffset Until);

    private sealed record Loaded(Files Of, Identity Identity);
}
