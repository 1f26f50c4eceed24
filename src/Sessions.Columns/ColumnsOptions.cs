using System.ComponentModel.DataAnnotations;

namespace Sessions.Columns;

/// <summary>The process that holds sessions and events by columns. Section <c>Columns</c> of the configuration.</summary>
public sealed class ColumnsOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Columns";

    /// <summary>The directory of the files. They are a cache: what is missing is written again from Postgres.</summary>
    [Required]
    public string Directory { get; set; } = Path.Combine(AppContext.BaseDirectory, "columns");

    /// <summary>
    /// The memory in megabytes that DuckDB may take in this process, shared evenly by the projects that are open. What does
    /// not fit is written to temporary files. Default 1,024.
    /// </summary>
    [Range(128, 1_000_000)]
    public int MemoryMegabytes { get; set; } = 1024;

    /// <summary>
    /// The memory in megabytes that the process may take beyond <see cref="MemoryMegabytes"/> while people's SQL runs, its own
    /// 300 included. When it takes more, it cancels these queries, and ends if that does not help. Default 1,024.
    /// </summary>
    [Range(300, 1_000_000)]
    public int SqlMegabytes { get; set; } = 1024;

    /// <summary>
    /// The most queries of people in SQL that are answered at the same time, beside other questions. One that finds no room within
    /// <see cref="PatienceSeconds"/> is answered by Postgres. Default 2.
    /// </summary>
    [Range(1, 1000)]
    public int SqlAtOnce { get; set; } = 2;

    /// <summary>
    /// The threads with which DuckDB works on a question. Default 2. A file of less than 64 MB has one: more cost its questions time.
    /// </summary>
    [Range(1, 256)]
    public int Threads { get; set; } = 2;

    /// <summary>The most megabytes of temporary files of one project. Default 20,000.</summary>
    [Range(16, 10_000_000)]
    public int TemporaryMegabytes { get; set; } = 20_000;

    /// <summary>
    /// The most journal entries and changed sessions that a file is brought up to date by. When there are more, it is written
    /// anew. Default 1,000,000.
    /// </summary>
    [Range(1, 1_000_000_000)]
    public int MaxBacklog { get; set; } = 1_000_000;

    /// <summary>The largest file in megabytes. A project whose file would be larger is answered by Postgres. Default 200,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxFileMegabytes { get; set; } = 200_000;

    /// <summary>
    /// The most properties of events that have a column of their own in a project's file: those that most events have, with short
    /// values that come again. Questions about them read no JSON. Default 24, which is the most.
    /// </summary>
    [Range(0, Database.Properties.PropertyColumns.Most)]
    public int PropertyColumns { get; set; } = Database.Properties.PropertyColumns.Most;

    /// <summary>The most projects whose files are open. The one that was asked least recently is closed. Default 2.</summary>
    [Range(1, 1000)]
    public int MaxOpen { get; set; } = 2;

    /// <summary>The most questions that are answered at the same time; others wait. Default 4.</summary>
    [Range(1, 1000)]
    public int AtOnce { get; set; } = 4;

    /// <summary>
    /// The interval at which files that were asked within the last minute are brought up to date, so that the next question finds
    /// little to read. Other open files wait for five seconds or more. Default 1 second.
    /// </summary>
    [Range(0.05, 3600)]
    public double CatchUpSeconds { get; set; } = 1;

    /// <summary>
    /// How long a question waits for its file to be brought up to date. Then Postgres answers it. Default 2 seconds.
    /// </summary>
    [Range(0.01, 3600)]
    public double PatienceSeconds { get; set; } = 2;

    /// <summary>
    /// How long after a deletion a file is written anew, so that nothing of what was deleted is left in it. Deletions in between
    /// are done together. Default 10 seconds.
    /// </summary>
    [Range(0, 86_400)]
    public double RewriteSeconds { get; set; } = 10;

    /// <summary>How long a statement may go on after its cancel before the process is ended. Default 2 seconds.</summary>
    [Range(0.1, 3600)]
    public double CancelSeconds { get; set; } = 2;
}
