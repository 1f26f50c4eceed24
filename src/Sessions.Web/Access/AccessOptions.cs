using System.ComponentModel.DataAnnotations;

namespace Sessions.Web.Access;

/// <summary>How the gateway authenticates its callers; the configuration's section <c>Sessions:Access</c>.</summary>
public sealed class AccessOptions : IValidatableObject
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Access";

    /// <summary>
    /// The public address of the gateway, for example <c>https://sessions.example.org</c>. Set it for gateways behind
    /// a proxy that ends TLS. With <c>https</c>, browsers send cookies over TLS alone. The snippets show this address.
    /// Default null: the address of each request.
    /// </summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>
    /// How often the gateway reads the projects and their keys again. A key that was revoked at another gateway is
    /// accepted here for at most this long. Default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ProjectsRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The pause before the projects are read again after a read that failed.
    /// Default 1 second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ProjectsRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most API keys that a project may have beside the configured one. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxKeys { get; set; } = 100;

    /// <summary>How long a browser stays signed in without visits. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan SignInLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a browser stays signed in at most, however often it visits. Default 90 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan SignInLongest { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How many wrong keys an address may send in a minute. It is then refused for a while, except with keys that it
    /// already used. An IPv6 address counts by its first 64 bits. Default 30.
    /// </summary>
    [Range(1, 1_000_000)]
    public int WrongKeysPerMinute { get; set; } = 30;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicAddress is { } address
            && !(address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
                && address.PathAndQuery == "/" && address.Fragment == "" && address.UserInfo == ""))
        {
            yield return new ValidationResult(
                "PublicAddress must be the scheme, host and port of a web address, such as https://sessions.example.org.", [nameof(PublicAddress)]);
        }
    }
}
