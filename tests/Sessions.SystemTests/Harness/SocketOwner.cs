using System.Globalization;

namespace Sessions.SystemTests.Harness;

/// <summary>Finds the process behind a connection of this machine.</summary>
public static class SocketOwner
{
    private const int LocalAddress = 1;
    private const int Inode = 9;

    /// <summary>Whether the process has a TCP connection from that port of 127.0.0.1.</summary>
    public static bool Has(int pid, int port)
    {
        string end = $":{port:X4}";
        string[] sockets =
        [
            .. ((string[])["/proc/net/tcp", "/proc/net/tcp6"])
                .SelectMany(file => File.ReadLines(file).Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[LocalAddress].EndsWith(end, StringComparison.Ordinal) && long.Parse(fields[Inode], CultureInfo.InvariantCulture) > 0)
                .Select(fields => $"socket:[{fields[Inode]}]"),
        ];
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd")
                .Any(link => sockets.Contains(new FileInfo(link).LinkTarget));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
