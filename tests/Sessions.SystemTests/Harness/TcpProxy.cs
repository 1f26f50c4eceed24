using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sessions.SystemTests.Harness;

/// <summary>A port on loopback that leads to another one, until it is cut or held up.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _held;
    private volatile bool _refuses;

    public TcpProxy(int target)
    {
        Target = target;
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
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Everything passes again.</summary>
    public void Open()
    {
        _refuses = false;
        TaskCompletionSource? held = _held;
        _held = null;
        held?.TrySetResult();
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
            await server.ConnectAsync(IPAddress.Loopback, Target, _stop.Token);
            await Task.WhenAny(Pump(client, server), Pump(server, client));
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

    private async Task Pump(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                if (_held is { } held)
                {
                    await held.Task;
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
}
