using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Capture;

/// <summary>Where a request comes from. An address is used while its request is in hand, and never stored or logged.</summary>
internal sealed class ClientAddress(CaptureOptions options)
{
    /// <summary>
    /// The connection's other end; behind a proxy that is to be trusted, the first address of <c>X-Forwarded-For</c>,
    /// if there is one. Null when nobody knows, as on a Unix socket.
    /// </summary>
    public IPAddress? Of(HttpRequest request)
    {
        IPAddress? address = options.TrustForwardedFor ? Forwarded(request) : null;
        address ??= request.HttpContext.Connection.RemoteIpAddress;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    private static IPAddress? Forwarded(HttpRequest request)
    {
        foreach (string? line in request.Headers["X-Forwarded-For"])
        {
            foreach (string entry in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                // Some proxies add the port, and some write "unknown".
                if (IPEndPoint.TryParse(entry, out IPEndPoint? sender))
                {
                    return sender.Address;
                }
            }
        }

        return null;
    }
}
