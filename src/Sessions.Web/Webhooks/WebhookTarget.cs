using System.Net;
using Sessions.Domain;
using Sessions.Domain.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>Checks the address of a webhook.</summary>
internal static class WebhookTarget
{
    private const int MaxLength = 2_000;

    /// <summary>
    /// Explains what is wrong with an address, as a phrase after the field's name; null when it is valid. The IP
    /// addresses of a host name are checked only when a delivery is sent.
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
