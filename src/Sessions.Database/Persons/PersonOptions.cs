using System.ComponentModel.DataAnnotations;

namespace Sessions.Database.Persons;

/// <summary>
/// How persons are deleted, and for how long records of deletions are kept. Section <c>Sessions:Persons</c> of the
/// configuration.
/// </summary>
public sealed class PersonOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Persons";

    /// <summary>
    /// For how long a deleted person's older events are refused when they arrive late or again. Must be longer than
    /// clients keep unsent events. Default 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "2.00:00:00", "3650.00:00:00")]
    public TimeSpan RefuseFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>For how long the audit log and the list of deletions are kept. Default 3 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan KeepLogFor { get; set; } = TimeSpan.FromDays(3 * 365);

    /// <summary>The most pending deletions; beyond it the API answers 503. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>The most ids one person may have to be deleted. Default 10,000.</summary>
    [Range(1, 100_000)]
    public int MaxIds { get; set; } = 10_000;

    /// <summary>
    /// The most ids whose events are refused; beyond it the API answers 503. Each silo keeps them in memory, about 150
    /// bytes each. Default 1,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxRefused { get; set; } = 1_000_000;

    /// <summary>
    /// How often a silo looks for new deletions and refreshes its list of deleted persons. Default one second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The lease of a deletion: when a silo has not renewed it for this long, another silo may continue. Default 15
    /// seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the API waits for a deletion before it answers that the deletion is still running. Default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromSeconds(5);
}
