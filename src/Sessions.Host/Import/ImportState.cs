using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
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

    /// <summary>The site that a log is of; null for events that name theirs, and when an older version noted this.</summary>
    public string? Site { get; init; }

    /// <summary>Everything before it is durable. In what is compressed it is a place in the text.</summary>
    public long Offset { get; set; }

    /// <summary>From where lines are read again, so that it is known which were alike; null when none have to be.</summary>
    public long? RememberedFrom { get; set; }

    /// <summary>What <see cref="Occurrences.First"/> was.</summary>
    public Guid? FirstContent { get; set; }

    /// <summary>A hash of how the file begins: another file may come to have its name.</summary>
    public string Beginning { get; set; } = "";

    /// <summary>How many bytes that hash is of; null when an older version noted this.</summary>
    public long? BeginningLength { get; set; }

    /// <summary>Events that are durable.</summary>
    public long Taken { get; set; }

    /// <summary>Events older than the project keeps them.</summary>
    public long TooOld { get; set; }

    /// <summary>Lines and events that were left out, by reason.</summary>
    public SortedDictionary<string, long> LeftOut { get; set; } = [];

    /// <summary>Why the file could not be read to its end; null when it could.</summary>
    [JsonIgnore]
    public string? Damage { get; set; }

    /// <summary>Whether the file ends within an entry, which stays to be read.</summary>
    [JsonIgnore]
    public bool IsCutOff { get; set; }

    /// <summary>Where an import left off, or its beginning.</summary>
    public static ImportState Load(string data, string file, string project, string? site)
    {
        ImportState fresh = new() { File = Path.GetFullPath(file), Project = project, Site = site };
        string path = PathOf(data, fresh);
        ImportState? kept = System.IO.File.Exists(path) ? JsonSerializer.Deserialize<ImportState>(System.IO.File.ReadAllText(path)) : null;
        // A log that has grown is the same file; one that is shorter, or begins otherwise, is another. And what was left
        // out for one site may be another one's.
        return kept is not null && (kept.Site is null || kept.Site == site) && kept.IsOf(file) ? kept with { Site = site } : fresh;
    }

    /// <summary>Notes it, in one step.</summary>
    public void Save(string data)
    {
        string path = PathOf(data, this);
        BeginningLength = Math.Min(BeginningBytes, ImportFile.IsCompressed(File) ? new FileInfo(File).Length : Offset);
        Beginning = BeginningOf(File, BeginningLength.Value);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        PrivateFile.Write(path, JsonSerializer.Serialize(this, Format));
    }

    /// <summary>Counts something that was left out.</summary>
    public void Leave(string reason) => LeftOut[reason] = LeftOut.GetValueOrDefault(reason) + 1;

    private bool IsOf(string file) =>
        new FileInfo(file).Length >= (BeginningLength ?? Offset)
        && (ImportFile.IsCompressed(file) || new FileInfo(file).Length >= Offset)
        && Beginning == BeginningOf(file, BeginningLength ?? Math.Min(BeginningBytes, Offset));

    private static string BeginningOf(string file, long length)
    {
        using FileStream stream = System.IO.File.OpenRead(file);
        byte[] begin = new byte[length];
        return Convert.ToHexStringLower(SHA256.HashData(begin.AsSpan(0, stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false))));
    }

    private static string PathOf(string data, ImportState state)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{state.Project}\n{state.File}")).AsSpan(0, 8));
        return Path.Combine(data, "imports", $"{name}.json");
    }
}
