using System.ComponentModel.DataAnnotations;

namespace Sessions.Gateway.Access;

/// <summary>How the gateway recognises its callers; the configuration's section <c>Sessions:Access</c>.</summary>
public sealed class AccessOptions : IValidatableObject
{
    /// <summary>
    /// The address that people and browsers know the gateway by, such as <c>https://sessions.example.org</c>: for gateways
    /// behind a proxy that does TLS. With <c>https</c> cookies go over TLS alone; snippets show it. Default null: the
    /// address that a request came to.
    /// </summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>
    /// How often the projects and their keys are read again: a key that was revoked at another gateway is let in here
    /// this long at most. Default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ProjectsRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How soon the projects may be read again out of turn: after a token that is not known, or after Postgres did not
    /// answer. Default 1 second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ProjectsRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most API keys that a project may have beside the configured one. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxKeys { get; set; } = 100;

    /// <summary>How long somebody who signed in and stays away is remembered. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan SignInLifetime { get; set; } = TimeSpan.FromDays(30);

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
