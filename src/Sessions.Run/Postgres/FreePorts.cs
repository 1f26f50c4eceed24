using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sessions.Run.Postgres;

/// <summary>Finds free loopback ports.</summary>
internal static class FreePorts
{
    /// <summary>Whether the port is free now.</summary>
    public static bool IsFree(int port) => IsFree(IPAddress.Loopback, port);

    /// <summary>Whether the port is free at that address now.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        // Without address reuse: with it, .NET on Linux lets two sockets listen at once, and Orleans' silos use it. A
        // port whose last owner has just closed it is free without it.
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

        throw new InvalidOperationException($"No port from {first} on is free.");
    }
}

/// <summary>
/// Ports that are reserved for this program until it ends, even before its processes listen on them. Silos use address
/// reuse, so two programs that chose the same free port would both listen on it, and each would get half of the
/// other's calls.
/// </summary>
internal sealed class ReservedPorts : IDisposable
{
    private readonly List<Socket> _marks = [];

    /// <summary>Reserves the first free port from <paramref name="first"/> on.</summary>
    /// <remarks>
    /// It reserves a port before it tests it. The test listens for a moment, and another program that has reserved the port
    /// would fail to listen then.
    /// </remarks>
    public int From(int first)
    {
        for (int port = first; port <= IPEndPoint.MaxPort; port++)
        {
            if (Reserve(port) is { } mark)
            {
                if (FreePorts.IsFree(port))
                {
                    _marks.Add(mark);
                    return port;
                }

                mark.Dispose();
            }
        }

        throw new InvalidOperationException($"No port from {first} on is free.");
    }

    public void Dispose()
    {
        foreach (Socket mark in _marks)
        {
            mark.Dispose();
        }
    }

    // A name in Linux' abstract socket namespace: it has one owner, disappears with its process, and is visible
    // exactly to processes that share our ports.
    private static Socket? Reserve(int port)
    {
        Socket mark = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            mark.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0orleans-sessions-port-{port}")));
            return mark;
        }
        catch (SocketException)
        {
            mark.Dispose();
            return null;
        }
    }
}
