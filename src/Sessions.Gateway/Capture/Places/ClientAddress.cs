using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Capture.Places;

/// <summary>The address a request came from.</summary>
internal static class ClientAddress
{
    /// <summary>
    /// The caller's, or behind trusted proxies the one that the outermost of them saw. Each proxy appends to
    /// <c>X-Forwarded-For</c>, so what stands further left is the client's own word and is not believed.
    /// </summary>
    public static IPAddress? Of(HttpContext context, int trustedProxies)
    {
        IPAddress? caller = context.Connection.RemoteIpAddress;
        if (trustedProxies > 0)
        {
            string[] seen = context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries);
            if (seen.Length >= trustedProxies && TryParse(seen[^trustedProxies], out IPAddress? forwarded))
            {
                return forwarded;
            }
        }

        return caller is null ? null : Plain(caller);
    }

    /// <summary>Reads an address, with or without a port.</summary>
    public static bool TryParse(string? text, out IPAddress? address)
    {
        // A plain number would be an address of an old kind: 1 is 0.0.0.1.
        address = text is not null && (text.Contains('.') || text.Contains(':')) && IPEndPoint.TryParse(text, out IPEndPoint? parsed)
            ? Plain(parsed.Address)
            : null;
        return address is not null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
