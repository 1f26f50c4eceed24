using System.Globalization;
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

    /// <summary>The first free port from <paramref name="first"/> on.</summary>
    public static int From(int first)
    {
        for (int port = first; port <= IPEndPoint.MaxPort; port++)
        {
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port from {first} on.");
    }
}

/// <summary>
/// Ports that are this program's until it ends, also while nobody listens on them yet or for a moment: silos ask for
/// address reuse, so two programs that chose the same free port would both listen on it and each get half of the
/// other's calls.
/// </summary>
internal sealed class ReservedPorts : IDisposable
{
    private readonly List<Socket> _marks = [];

    /// <summary>Reserves the first free port from <paramref name="first"/> on.</summary>
    public int From(int first)
    {
        for (int port = first; port <= IPEndPoint.MaxPort; port++)
        {
            if (FreePorts.IsFree(port) && Mark(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port from {first} on.");
    }

    public void Dispose()
    {
        foreach (Socket mark in _marks)
        {
            mark.Dispose();
        }
    }

    // A name in Linux' abstract socket space: one owner, gone with its process, and seen just by who shares our ports.
    private bool Mark(int port)
    {
        Socket mark = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            mark.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0orleans-sessions-port-{port}")));
            _marks.Add(mark);
            return true;
        }
        catch (SocketException)
        {
            mark.Dispose();
            return false;
        }
    }
}
