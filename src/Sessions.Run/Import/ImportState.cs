using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Run.Supervision;

namespace Sessions.Run.Import;

/// <summary>The progress of a file's import into a project; kept in the data directory.</summary>
internal sealed record ImportState
{
    private const int BeginningBytes = 4096;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>The project.</summary>
    public required string Project { get; init; }

    /// <summary>The site of an access log; null for exported events, and in files of an older version.</summary>
    public string? Site { get; init; }

    /// <summary>
    /// When the project was made: another one may have its id after it was deleted. Null in files of an older version.
    /// </summary>
    public DateTimeOffset? ProjectMadeAt { get; init; }

    /// <summary>All entries before this position are durable. The position counts the uncompressed text.</summary>
    public long Offset { get; set; }

    /// <summary>
    /// The position from which entries are read again, to know which were equal; null when none have to be.
    /// </summary>
    public long? RememberedFrom { get; set; }

    /// <summary>The value of <see cref="Occurrences.First"/>.</summary>
    public Guid? FirstContent { get; set; }

    /// <summary>A hash of the file's beginning, because another file may get the same name.</summary>
    public string Beginning { get; set; } = "";

    /// <summary>The number of bytes in that hash; null in files of an older version.</summary>
    public long? BeginningLength { get; set; }

    /// <summary>The number of durable events.</summary>
    public long Taken { get; set; }

    /// <summary>The number of events older than the project's retention.</summary>
    public long TooOld { get; set; }

    /// <summary>The lines and events that were left out, by reason.</summary>
    public SortedDictionary<string, long> LeftOut { get; set; } = [];

    /// <summary>Why the file could not be read to its end; null when it could.</summary>
    [JsonIgnore]
    public string? Damage { get; set; }

    /// <summary>Whether the file ends within an entry, which is still to be read.</summary>
    [JsonIgnore]
    public bool IsCutOff { get; set; }

    /// <summary>Loads the state of an earlier import, or creates a new one.</summary>
    public static ImportState Load(string data, string file, string project, string? site, DateTimeOffset? projectMadeAt = null)
    {
        ImportState fresh = new() { File = Path.GetFullPath(file), Project = project, Site = site, ProjectMadeAt = projectMadeAt };
        string path = PathOf(data, fresh);
        ImportState? kept = System.IO.File.Exists(path) ? JsonSerializer.Deserialize<ImportState>(System.IO.File.ReadAllText(path)) : null;
        // A log that has grown is the same file; one that is shorter or begins differently is another. An entry that
        // was left out for one site may belong to another.
        return kept is not null
            && (kept.Site is null || kept.Site == site)
            && (kept.ProjectMadeAt is null || kept.ProjectMadeAt == projectMadeAt)
            && kept.IsOf(file)
                ? kept with { Site = site, ProjectMadeAt = projectMadeAt }
                : fresh;
    }

    /// <summary>Saves the state in one step.</summary>
    public void Save(string data)
    {
        string path = PathOf(data, this);
        BeginningLength = Math.Min(BeginningBytes, ImportFile.IsCompressed(File) ? new FileInfo(File).Length : Offset);
        Beginning = BeginningOf(File, BeginningLength.Value);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        PrivateFile.Write(path, JsonSerializer.Serialize(this, Format));
    }

    /// <summary>Counts an entry that was left out.</summary>
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
