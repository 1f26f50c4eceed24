using System.ComponentModel.DataAnnotations;
using System.Net;
using Sessions.Host.Configuration;

namespace Sessions.Host.Tls;

/// <summary>
/// TLS among silos, gateways and backends; section <c>Tls</c>. Off unless all three files are set, the same for every
/// process of the cluster.
/// </summary>
internal sealed class TlsSettings
{
    public const string Section = "Tls";

    /// <summary>The value of <see cref="None"/> that lets silos without TLS be reachable from other machines.</summary>
    public const string Accepted = "accepted";

    /// <summary>This process' certificate: a PEM file.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's key: a PEM file without a password.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// The issuer of this cluster's certificates: a PEM file with one authority or several, and any intermediate
    /// certificates. Every certificate from it is accepted, so use an authority that signs for this cluster alone.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// <c>accepted</c> when silos may be reachable from other machines although TLS is off. Then whoever reaches their
    /// ports can call every grain. Default empty.
    /// </summary>
    [RegularExpression($"^({Accepted})?$", ErrorMessage = $"it is '{Accepted}' or empty")]
    public string? None { get; set; }

    /// <summary>How long before its certificate ends a process warns. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan WarnBefore { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Refuses a silo that strangers could reach without a certificate.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="addresses">The addresses at which the silo listens.</param>
    /// <exception cref="ConfigurationException">Another machine can reach one of them, TLS is off, and nobody has accepted that.</exception>
    public static void RequireBeyondLoopback(IConfiguration configuration, params IPAddress[] addresses)
    {
        if (Read(configuration) is null
            && configuration[$"{Section}:{nameof(None)}"] != Accepted
            && addresses.FirstOrDefault(address => !IPAddress.IsLoopback(address)) is { } open)
        {
            throw new ConfigurationException(
                $"the silo would listen at {open} without TLS, and whoever reaches it there could call every grain; set Tls:Certificate, Tls:Key and "
                + $"Tls:Authority (docs/operations.md), or Tls:None={Accepted} if the network keeps strangers away");
        }
    }

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
