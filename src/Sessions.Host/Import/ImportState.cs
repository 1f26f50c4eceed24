using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sessions.Host.Supervision;

namespace Sessions.Host.Import;

/// <summary>How far the import of a file into a project has come; kept in the data directory.</summary>
internal sealed record ImportState
{
    private const int BeginningBytes = 4096;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>The project.</summary>
    public required string Project { get; init; }

    /// <summary>Everything before it is durable.</summary>
    public long Offset { get; set; }

    /// <summary>A hash of how the file begins: another file may come to have its name.</summary>
    public string Beginning { get; set; } = "";

    /// <summary>Events that are durable.</summary>
    public long Taken { get; set; }

    /// <summary>Events older than the project keeps them.</summary>
    public long TooOld { get; set; }

    /// <summary>Lines and events that were left out, by reason.</summary>
    public SortedDictionary<string, long> LeftOut { get; set; } = [];

    /// <summary>Where an import left off, or its beginning.</summary>
    public static ImportState Load(string data, string file, string project)
    {
        ImportState fresh = new() { File = Path.GetFullPath(file), Project = project };
        string path = PathOf(data, fresh);
        ImportState? kept = System.IO.File.Exists(path) ? JsonSerializer.Deserialize<ImportState>(System.IO.File.ReadAllText(path)) : null;
        // A log that has grown is the same file; one that is shorter, or begins otherwise, is another.
        return kept is not null && new FileInfo(file).Length >= kept.Offset && kept.Beginning == BeginningOf(file, kept.Offset) ? kept : fresh;
    }

    /// <summary>Notes it, in one step.</summary>
    public void Save(string data)
    {
        string path = PathOf(data, this);
        Beginning = BeginningOf(File, Offset);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        PrivateFile.Write(path, JsonSerializer.Serialize(this, Format));
    }

    /// <summary>Counts something that was left out.</summary>
    public void Leave(string reason) => LeftOut[reason] = LeftOut.GetValueOrDefault(reason) + 1;

    private static string BeginningOf(string file, long offset)
    {
        using FileStream stream = System.IO.File.OpenRead(file);
        byte[] begin = new byte[Math.Min(BeginningBytes, offset)];
        return Convert.ToHexStringLower(SHA256.HashData(begin.AsSpan(0, stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false))));
    }

    private static string PathOf(string data, ImportState state)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{state.Project}\n{state.File}")).AsSpan(0, 8));
        return Path.Combine(data, "imports", $"{name}.json");
    }
}
