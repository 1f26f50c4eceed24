using System.Net;
using System.Net.Sockets;

namespace Sessions.Benchmarks.Load;

/// <summary>A connection that sends whole requests and reads their answers, one after the other, at next to no cost.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Answer _answer;

    private RawConnection(Socket socket, Answer answer)
    {
        _socket = socket;
        _answer = answer;
    }

    /// <summary>Connects.</summary>
    /// <param name="target">The server.</param>
    /// <param name="answer">Reads the answers.</param>
    public static async Task<RawConnection> Open(Uri target, Answer answer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(target.Host), target.Port);
        return new RawConnection(socket, answer);
    }

    /// <summary>Sends a request and reads its answer. Returns what the answer complains of; null for nothing.</summary>
    public async ValueTask<string?> Ask(ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        while (!_answer.Take(await _socket.ReceiveAsync(_answer.Free)))
        {
        }

        return _answer.Complaint;
    }

    public void Dispose() => _socket.Dispose();
}
