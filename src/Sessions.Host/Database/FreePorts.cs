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
        // Address reuse is not asked for: on Linux .NET's lets two listen at once, and Orleans' silos do ask for it. A
        // port whose last owner just left is free without.
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
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
