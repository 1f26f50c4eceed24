using System.ComponentModel.DataAnnotations;

namespace Sessions.Grains;

/// <summary>How persons are deleted, and what is kept of that. Section <c>Sessions:Persons</c> of the configuration.</summary>
public sealed class PersonOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Persons";

    /// <summary>
    /// For how long a deleted person's events from before the deletion are refused when they come (again): longer than
    /// clients keep what they could not send. Default 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "2.00:00:00", "3650.00:00:00")]
    public TimeSpan RefuseFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>For how long the log of what was done to a project is kept, and the list of deletions. Default 3 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan KeepLogFor { get; set; } = TimeSpan.FromDays(3 * 365);

    /// <summary>The most deletions that may wait; beyond it the API answers 503. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>The most ids one person may have to be deleted. Default 10,000.</summary>
    [Range(1, 100_000)]
    public int MaxIds { get; set; } = 10_000;

    /// <summary>
    /// The most ids whose events are refused; beyond it the API answers 503. Each silo has them in memory, some 150 bytes
    /// each. Default 1,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxRefused { get; set; } = 1_000_000;

    /// <summary>How often a silo looks for deletions, and whose events are to be refused. Default one second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a silo that says nothing keeps others from a deletion that it has begun. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the API waits for a deletion before it answers that it is under way. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromSeconds(5);
}
