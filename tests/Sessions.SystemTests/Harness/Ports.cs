using System.Net;
using System.Net.Sockets;

namespace Sessions.SystemTests.Harness;

/// <summary>Free ports on loopback.</summary>
public static class Ports
{
    private static readonly HashSet<int> Given = [];

    /// <summary>The first of several free ports in a row.</summary>
    /// <remarks>
    /// Below the range that the system gives to outgoing connections, and between those that <c>./run</c> takes for silos
    /// and for Postgres, so that neither takes one in between. None twice, because a program may need seconds until it listens.
    /// </remarks>
    public static int Free(int inARow = 1)
    {
        lock (Given)
        {
            while (true)
            {
                int[] ports = [.. Enumerable.Range(Random.Shared.Next(12_000, 19_900), inARow)];
                if (!Given.Overlaps(ports) && ports.All(IsFree))
                {
                    Given.UnionWith(ports);
                    return ports[0];
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
