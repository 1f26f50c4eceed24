using Sessions.Host.Configuration;

namespace Sessions.Host.Tls;

/// <summary>
/// TLS among silos, gateways and backends; section <c>Tls</c>. Off unless the three are set, the same for every process
/// of the cluster.
/// </summary>
internal sealed class TlsSettings
{
    public const string Section = "Tls";

    /// <summary>This process' certificate: a PEM file.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's key: a PEM file without a password.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// Who has signed the certificates of this cluster: a PEM file of one authority or several, with what is between
    /// them and the certificates. Whoever holds a certificate of it is let in, so it is to sign for this cluster alone.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>The settings of a process; null when TLS is off.</summary>
    /// <exception cref="ConfigurationException">Only some of them are set.</exception>
    public static TlsSettings? Read(IConfiguration configuration)
    {
        TlsSettings settings = configuration.Read<TlsSettings>(Section);
        (string Name, string? Value)[] all =
            [(nameof(Certificate), settings.Certificate), (nameof(Key), settings.Key), (nameof(Authority), settings.Authority)];
        string[] missing = [.. all.Where(one => string.IsNullOrWhiteSpace(one.Value)).Select(one => $"{Section}:{one.Name}")];
        return missing.Length == all.Length ? null
            : missing.Length == 0 ? settings
            : throw new ConfigurationException($"{string.Join(" and ", missing)} not set: TLS takes Certificate, Key and Authority, or none of them");
    }
}
