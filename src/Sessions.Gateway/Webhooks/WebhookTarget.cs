using System.Net;
using Sessions.Domain;
using Sessions.Domain.Webhooks;

namespace Sessions.Gateway.Webhooks;

/// <summary>What an address that a webhook leads to must be.</summary>
internal static class WebhookTarget
{
    private const int MaxLength = 2_000;

    /// <summary>
    /// What is wrong with an address as somebody wrote it, to be read after its name; null when nothing is. Where a host
    /// name leads is only known, and judged, when something is sent.
    /// </summary>
    public static string? Fault(string? url, bool allowPrivate)
    {
        string schemes = allowPrivate ? "http:// or https://" : "https://";
        if (string.IsNullOrWhiteSpace(url) || url.Length > MaxLength || !PlainText.IsPlain(url)
            || !Uri.TryCreate(url, UriKind.Absolute, out Uri? target)
            || (target.Scheme != Uri.UriSchemeHttps && !(allowPrivate && target.Scheme == Uri.UriSchemeHttp)))
        {
            return $"must be an address that begins with {schemes}, of at most {MaxLength} characters";
        }

        if (target.UserInfo.Length > 0 || target.Fragment.Length > 0)
        {
            return "must have neither a user name nor a fragment; a secret can stand in its path or query";
        }

        bool isPrivate = IPAddress.TryParse(target.IdnHost, out IPAddress? address)
            ? !PublicAddress.Is(address)
            : target.IsLoopback || !target.IdnHost.Contains('.', StringComparison.Ordinal);
        return isPrivate && !allowPrivate ? "must lead to the public internet; this server sends nothing to private addresses" : null;
    }
}
