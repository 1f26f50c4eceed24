using System.Net;
using System.Net.Sockets;

namespace Sessions.SystemTests.Harness;

/// <summary>Free ports on loopback.</summary>
public static class Ports
{
    /// <summary>The first of several free ports in a row.</summary>
    /// <remarks>Below the range that the system gives to outgoing connections, so that none takes it in between.</remarks>
    public static int Free(int inARow = 1)
    {
        while (true)
        {
            int first = Random.Shared.Next(15_000, 30_000);
            if (Enumerable.Range(first, inARow).All(IsFree))
            {
                return first;
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
