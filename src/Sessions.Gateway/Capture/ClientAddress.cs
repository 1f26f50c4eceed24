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

    /// <summary>
    /// Who uses up what this gateway has: the connection's other end, or whom the proxy that is to be trusted saw. That is
    /// the last address of <c>X-Forwarded-For</c>: those before it are as the sender wishes.
    /// </summary>
    public IPAddress? Nearest(HttpRequest request)
    {
        IPAddress? address = null;
        if (options.TrustForwardedFor && request.Headers["X-Forwarded-For"] is [.., { Length: > 0 } line])
        {
            ReadOnlySpan<char> last = line.AsSpan(line.LastIndexOf(',') + 1).Trim();
            address = IPEndPoint.TryParse(last, out IPEndPoint? sender) ? sender.Address : null;
        }

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
