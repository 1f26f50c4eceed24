using System.Net;
using System.Net.Sockets;

namespace Sessions.Host.Database;

/// <summary>Finds loopback ports that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>Whether one can listen on the port now.</summary>
    public static bool IsFree(int port) => IsFree(IPAddress.Loopback, port);

    /// <summary>Whether one can listen on the port of that address now.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        // Without address reuse a port whose last owner just left would seem taken; servers set it too.
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The first free port from <paramref name="first"/> on that is not in <paramref name="taken"/>.</summary>
    public static int From(int first, IReadOnlySet<int>? taken = null)
    {
        for (int port = first; port <= IPEndPoint.MaxPort; port++)
        {
            if (taken?.Contains(port) != true && IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port from {first} on.");
    }
}
