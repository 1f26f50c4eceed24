using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sessions.SystemTests.Harness;

/// <summary>A port on loopback that leads to another one, until it is cut or held up.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly IPAddress _host;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly Task _accepting;
    private volatile Held? _held;
    private volatile bool _refuses;

    /// <param name="target">The port to which it leads.</param>
    /// <param name="host">The address of that port; 127.0.0.1 by default.</param>
    /// <param name="port">The port at which it listens; by default any free one.</param>
    public TcpProxy(int target, IPAddress? host = null, int port = 0)
    {
        Target = target;
        _host = host ?? IPAddress.Loopback;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Accept();
    }

    public int Port { get; }

    public int Target { get; }

    /// <summary>How many connections go through now.</summary>
    public int Connections => _open.Count / 2;

    /// <summary>Breaks all connections at once, as a firewall does that forgets them; new ones are let in.</summary>
    /// <returns>How many there were.</returns>
    public int Cut()
    {
        Socket[] open = [.. _open.Keys];
        Array.ForEach(open, Break);
        return open.Length / 2;
    }

    /// <summary>From now on nothing passes: no connection comes about, those there were are broken.</summary>
    public void Close()
    {
        _refuses = true;
        Cut();
    }

    /// <summary>From now on nothing passes and nobody is told: bytes are held back.</summary>
    public void Hold() => Hold((_, _) => true);

    /// <summary>The same for some of the traffic only.</summary>
    /// <param name="covers">Whether to hold back what goes from a client's port to the target (true), or back to the client (false).</param>
    public void Hold(Func<int, bool, bool> covers) =>
        _held ??= new Held(covers, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Everything passes again.</summary>
    public void Open()
    {
        _refuses = false;
        Held? held = _held;
        _held = null;
        held?.Over.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Open();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Serve(client);
        }
    }

    private async Task Serve(Socket client)
    {
        if (_refuses)
        {
            Break(client);
            return;
        }

        Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _open[client] = _open[server] = 0;
        try
        {
            await server.ConnectAsync(_host, Target, _stop.Token);
            int port = ((IPEndPoint)client.RemoteEndPoint!).Port;
            await Task.WhenAny(Pump(client, server, port, isToTarget: true), Pump(server, client, port, isToTarget: false));
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody answers there: the client sees a broken connection.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            Break(client);
            Break(server);
        }
    }

    private async Task Pump(Socket from, Socket to, int clientPort, bool isToTarget)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                if (_held is { } held && held.Covers(clientPort, isToTarget))
                {
                    await held.Over.Task;
                }

                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side has gone; the other is told.
        }
    }

    private static void Break(Socket socket)
    {
        try
        {
            // A reset, not an orderly end.
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    private sealed record Held(Func<int, bool, bool> Covers, TaskCompletionSource Over);
}
