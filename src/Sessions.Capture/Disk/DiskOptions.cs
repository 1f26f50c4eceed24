using System.ComponentModel.DataAnnotations;
using Sessions.Domain.Storage;

namespace Sessions.Capture.Disk;

/// <summary>The watermarks of the disk that Postgres writes to: <c>Sessions:Disk</c> in the configuration.</summary>
public sealed class DiskOptions : IValidatableObject
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Disk";

    /// <summary>
    /// A directory on Postgres' disk, as this gateway sees it. Default none: the gateway measures nothing. <c>./run</c> sets it
    /// for its private Postgres.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// While a smaller share of the disk is free, gateways drop recordings, with the reason <c>disk_low</c>. Default 0.15; 0
    /// switches it off.
    /// </summary>
    [Range(0, 0.9)]
    public double RecordingsBelow { get; set; } = 0.15;

    /// <summary>
    /// While a smaller share of the disk is free, gateways answer events with 503, so that Postgres has room to go on. Default
    /// 0.05; 0 switches it off.
    /// </summary>
    [Range(0, 0.9)]
    public double EventsBelow { get; set; } = 0.05;

    /// <summary>How often the gateway measures. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(5);

    internal DiskWatermarks Watermarks => new(RecordingsBelow, EventsBelow);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Path) && !System.IO.Path.IsPathRooted(Path))
        {
            yield return new ValidationResult($"{Section}:{nameof(Path)} ('{Path}') must begin with a slash.");
        }

        if (EventsBelow > RecordingsBelow)
        {
            yield return new ValidationResult(FormattableString.Invariant(
                $"{Section}:{nameof(EventsBelow)} ({EventsBelow}) is above {nameof(RecordingsBelow)} ({RecordingsBelow})."));
        }
    }
}
