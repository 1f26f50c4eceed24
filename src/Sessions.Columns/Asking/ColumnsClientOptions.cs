using System.ComponentModel.DataAnnotations;

namespace Sessions.Columns.Asking;

/// <summary>Where a gateway finds the process that holds the columns. Section <c>Columns</c> of the configuration.</summary>
public sealed class ColumnsClientOptions : IValidatableObject
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Columns";

    /// <summary>
    /// The addresses of the processes, such as <c>http://127.0.0.1:8790</c>, separated by commas: the second one stands by for
    /// the first. Default empty: Postgres answers everything.
    /// </summary>
    public string Urls { get; set; } = "";

    /// <summary>
    /// The secret that gateways and the process share. Default empty: it is made of the cluster's id and secret. <c>./run</c>
    /// makes one.
    /// </summary>
    [RegularExpression("^([!-~]{16,200})?$", ErrorMessage = "it has 16 to 200 characters without white space, or is empty")]
    public string Secret { get; set; } = "";

    /// <summary>The addresses.</summary>
    internal IReadOnlyList<Uri> Addresses =>
        [.. Urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(url => new Uri(url))];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string url in Urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            {
                yield return new ValidationResult($"'{url}' is no address such as http://127.0.0.1:8790", [nameof(Urls)]);
            }
        }

        if (Urls.Length > 0 && Secret.Length == 0)
        {
            yield return new ValidationResult("it is needed with Columns:Urls", [nameof(Secret)]);
        }
    }
}
