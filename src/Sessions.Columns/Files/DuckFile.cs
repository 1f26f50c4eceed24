using System.Globalization;
using DuckDB.NET.Data;

namespace Sessions.Columns.Files;

/// <summary>
/// An open DuckDB file. All connections lead to one instance of it: a second instance would show an old state. The time zone
/// is UTC.
/// </summary>
internal sealed class DuckFile : IDisposable
{
    private readonly DuckDBConnection _anchor;
    private readonly string _connectionString;

    private DuckFile(DuckDBConnection anchor, string path, string connectionString)
    {
        (_anchor, Path, _connectionString) = (anchor, path, connectionString);
    }

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>
    /// Opens a file, and creates it when it is missing. It has the newest format of files, because DuckDB leaves zstd out of those
    /// that its first versions can read, without a word.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="limits">What the instance may take.</param>
    /// <param name="isClosed">
    /// Whether the instance is closed to everything outside the file: statements can't read or write other files, and can't
    /// change a setting.
    /// </param>
    /// <exception cref="DuckDBException">The file is damaged, in use or no DuckDB file.</exception>
    public static DuckFile Open(string path, DuckLimits limits, bool isClosed)
    {
        string connectionString = string.Create(
            CultureInfo.InvariantCulture,
            $"DataSource={path};memory_limit={limits.MemoryMegabytes}MB;threads={limits.Threads};temp_directory={TemporaryOf(path)};max_temp_directory_size={limits.TemporaryMegabytes}MB;storage_compatibility_version=latest;allow_community_extensions=false;autoinstall_known_extensions=false;autoload_known_extensions=false{(isClosed ? ";enable_external_access=false" : "")}");
        DuckDBConnection anchor = new(connectionString);
        try
        {
            anchor.Open();
            DuckFile file = new(anchor, path, connectionString);
            Sql.Run(anchor, "SET GLOBAL TimeZone = 'UTC'");
            if (isClosed)
            {
                Sql.Run(anchor, "SET GLOBAL lock_configuration = true");
            }

            return file;
        }
        catch
        {
            anchor.Dispose();
            throw;
        }
    }

    /// <summary>The directory of a file's temporary files.</summary>
    public static string TemporaryOf(string path) => path + ".tmp";

    /// <summary>Deletes a file with everything that belongs to it.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(path + ".wal");
        if (Directory.Exists(TemporaryOf(path)))
        {
            Directory.Delete(TemporaryOf(path), recursive: true);
        }
    }

    /// <summary>Puts a file into the place of another one.</summary>
    public static void Replace(string path, string by)
    {
        // First what belongs to the old file, or DuckDB would add it to the new one.
        File.Delete(path + ".wal");
        if (Directory.Exists(TemporaryOf(path)))
        {
            Directory.Delete(TemporaryOf(path), recursive: true);
        }

        File.Move(by, path, overwrite: true);
        Delete(by);
    }

    /// <summary>A new connection to the instance.</summary>
    public DuckDBConnection Connect()
    {
        DuckDBConnection connection = new(_connectionString);
        connection.Open();
        return connection;
    }

    /// <inheritdoc/>
    public void Dispose() => _anchor.Dispose();
}

/// <summary>What an instance of DuckDB may take.</summary>
/// <param name="MemoryMegabytes">Its memory.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="TemporaryMegabytes">Its temporary files.</param>
/// <param name="RowsToSort">
/// How many rows are sorted at once: DuckDB sorts what fits into memory ten times as fast as what does not.
/// </param>
internal sealed record DuckLimits(int MemoryMegabytes, int Threads, int TemporaryMegabytes, int RowsToSort = 200_000)
{
    // Below it a second thread costs a statement more time than it saves: DuckDB divides tables by 122,880 rows.
    private const long BytesForThreads = 64_000_000;

    /// <summary>The limits for a file of this size.</summary>
    public DuckLimits ForSize(long bytes) => bytes < BytesForThreads ? this with { Threads = 1 } : this;
}
