using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>The settings in the form. A typed value stays there also when it is wrong.</summary>
/// <param name="Values">The fields' texts, by the JSON names of the settings. Rows are one text: see <see cref="RuleRows"/>.</param>
/// <param name="Faults">
/// The faults, by the same names; those of a part of a row by its place, such as <c>path_cleaning[0].regex</c>. Each is a
/// phrase that follows the field's label.
/// </param>
public sealed record SettingsForm(
    IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Faults)
{
    public string this[string field] => Values.GetValueOrDefault(field, "");

    /// <summary>
    /// Whether the form has the field. A page of an older version lacks newer settings, which then stay unchanged.
    /// </summary>
    public bool Has(string field) => Values.ContainsKey(field);

    /// <summary>The fault of a field; null when it is valid.</summary>
    public string? Fault(string field) => Faults.GetValueOrDefault(field);

    /// <summary>The form with the current settings.</summary>
    public static SettingsForm Of(ProjectSettings settings, string token) =>
        Of(token, setting => setting.Format(settings));

    /// <summary>The form as the browser sent it.</summary>
    public static SettingsForm Of(IFormCollection form) => Of(
        Typed(form, SettingsRequest.TokenName),
        // A browser does not send an unticked checkbox.
        setting => setting.Input.IsBox ? (form.ContainsKey(setting.Name) ? "true" : "false")
            : setting.Input.Rows is { } rows ? RuleRows.Text(form, setting.Name, rows)
            : Typed(form, setting.Field) ?? (Typed(form, setting.Name) is { } before ? setting.InFormUnit(before) : null));

    /// <summary>Adds the faults that the checks found, in the units of the form.</summary>
    public SettingsForm With(IEnumerable<(string Field, string Fault)> faults)
    {
        Dictionary<string, string> byField = [];
        foreach ((string field, string fault) in faults)
        {
            string? expected = ProjectSettingList.All.FirstOrDefault(setting => setting.Name == field)?.Input.Expected;
            byField.TryAdd(field, expected ?? fault);
        }

        return this with { Faults = byField };
    }

    /// <summary>The id of a field, or of a part of a row, on the page.</summary>
    public static string IdOf(string field) => "set-" + field.Replace("].", "-", StringComparison.Ordinal).Replace('[', '-').Replace('.', '-').TrimEnd(']');

    private static SettingsForm Of(string? token, Func<ProjectSetting, string?> valueOf)
    {
        Dictionary<string, string> values = [];
        foreach ((string field, string? value) in ProjectSettingList.All.Select(setting => (setting.Name, valueOf(setting)))
            .Append((SettingsRequest.TokenName, token)))
        {
            if (value is not null)
            {
                values[field] = value;
            }
        }

        return new SettingsForm(values, new Dictionary<string, string>());
    }

    private static string? Typed(IFormCollection form, string field) => form.TryGetValue(field, out StringValues typed) ? typed.ToString().Trim() : null;
}
