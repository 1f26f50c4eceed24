using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.SystemTests.Readers;

/// <summary>
/// A real access log that the caller has: CSV with a line of names, of which <c>uuid</c> (of the reader),
/// <c>timestamp</c> and <c>url</c> are read; gzipped when it is called so.
/// </summary>
public static class LogFile
{
    /// <summary>Names the environment variable that tells where the log is.</summary>
    public const string Variable = "SESSIONS_READERS_FILE";

    /// <summary>The log in the order of time; lines of the same time keep their order.</summary>
    public static Reading[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using StreamReader lines = new(plain);
        string[] names = (lines.ReadLine() ?? throw new InvalidDataException($"{path} is empty.")).Split(',');
        (int reader, int time, int url) = (Column("uuid"), Column("timestamp"), Column("url"));
        List<Reading> log = [];
        while (lines.ReadLine() is { } line)
        {
            // A comma can only be in the url, which comes last.
            string[] fields = line.Split(',', names.Length);
            log.Add(new Reading(
                IdOf(log.Count, line),
                fields[reader],
                DateTimeOffset.Parse(fields[time], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                fields[url].Trim('"'),
                null));
        }

        return [.. log.OrderBy(reading => reading.At)];

        int Column(string name) => Array.IndexOf(names, name) is >= 0 and var at ? at : throw new InvalidDataException($"{path} has no column {name}.");
    }

    // The same at every start, so that a difference can be looked for again.
    private static Guid IdOf(int number, string line) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{number} {line}")).AsSpan(0, 16));
}
