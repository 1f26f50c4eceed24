using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sessions.SystemTests.Harness;

/// <summary>
/// A DNS server on loopback that knows every name of <see cref="Zone"/> as 127.0.0.1, and takes its time. Processes of a mount
/// namespace of their own ask it.
/// </summary>
public sealed class SlowResolver : IAsyncDisposable
{
    /// <summary>The end of all names that it knows.</summary>
    public const string Zone = "slow.test";

    private const int Dns = 53;
    private const int Header = 12;
    private const ushort Address4 = 1;
    private const ushort Internet = 1;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _over = new();
    private readonly TempFolder _folder = new();
    private readonly Task _serving;
    private int _questions;

    private SlowResolver(IPAddress address)
    {
        _socket.Bind(new IPEndPoint(address, Dns));
        File.WriteAllText(Configuration, $"nameserver {address}\noptions timeout:30 attempts:1\n");
        _serving = Serve();
    }

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>What a command line begins with whose process is to ask this server.</summary>
    public string[] Before => ["unshare", "-m", "sh", "-c", $"mount --bind {Configuration} /etc/resolv.conf && exec \"$@\"", "resolver"];

    private string Configuration => Path.Combine(_folder.Path, "resolv.conf");

    /// <summary>Starts it. The test counts as skipped where port 53 or a mount namespace can't be had.</summary>
    public static async Task<SlowResolver> Start()
    {
        SlowResolver made;
        try
        {
            made = new SlowResolver(IPAddress.Parse($"127.53.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}"));
        }
        catch (SocketException refused)
        {
            Assert.Skip($"No DNS server can be started here, which takes root's rights: {refused.Message}");
            throw;
        }

        (int exitCode, string said) = await QuietProgram.Try([.. made.Before, "getent", "ahostsv4", $"host.{Zone}"]);
        if (exitCode != 0)
        {
            await made.DisposeAsync();
            Assert.Skip($"No process can be given another resolver here, which takes root's rights: {said}");
        }

        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _socket.Dispose();
        await _serving;
        _over.Dispose();
        _folder.Dispose();
    }

    private async Task Serve()
    {
        byte[] buffer = new byte[512];
        EndPoint anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!_over.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult came = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _over.Token);
                _ = Answer(buffer[..came.ReceivedBytes], came.RemoteEndPoint);
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Answer(byte[] question, EndPoint asker)
    {
        Interlocked.Increment(ref _questions);
        try
        {
            await Task.Delay(Delay, _over.Token);
            await _socket.SendToAsync(AnswerTo(question), SocketFlags.None, asker, _over.Token);
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client that asked has gone.
        }
    }

    private static byte[] AnswerTo(byte[] question)
    {
        int end = Header;
        StringBuilder name = new();
        for (; question[end] > 0; end += question[end] + 1)
        {
            name.Append(Encoding.ASCII.GetString(question, end + 1, question[end])).Append('.');
        }

        ushort type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end + 1));
        bool isKnown = name.ToString().EndsWith($"{Zone}.", StringComparison.OrdinalIgnoreCase);
        bool hasAnswer = isKnown && type == Address4;
        int length = end + 5;
        byte[] answer = new byte[length + (hasAnswer ? 16 : 0)];
        question.AsSpan(0, length).CopyTo(answer);
        // It is an answer, and recursion was available; a name of another zone does not exist.
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)(0x8180 | (isKnown ? 0 : 3)));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)(hasAnswer ? 1 : 0));
        answer.AsSpan(8, 4).Clear();
        if (hasAnswer)
        {
            Span<byte> record = answer.AsSpan(length);
            // A pointer to the question's name; the answer must not be cached.
            BinaryPrimitives.WriteUInt16BigEndian(record, 0xC000 | Header);
            BinaryPrimitives.WriteUInt16BigEndian(record[2..], Address4);
            BinaryPrimitives.WriteUInt16BigEndian(record[4..], Internet);
            BinaryPrimitives.WriteUInt16BigEndian(record[10..], 4);
            IPAddress.Loopback.TryWriteBytes(record[12..], out _);
        }

        return answer;
    }
}
