using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>The settings in the form. A typed value stays there also when it is wrong.</summary>
/// <param name="Values">The fields' texts, by the JSON names of the settings.</param>
/// <param name="Faults">The faults, by the same names. Each is a phrase that follows the field's label.</param>
public sealed partial record SettingsForm(
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
        Typed(form, AskedSettings.TokenName),
        // A browser does not send an unticked checkbox.
        setting => setting.Input.IsBox ? (form.ContainsKey(setting.Name) ? "true" : "false") : Typed(form, setting.Name));

    /// <summary>Adds the faults that the checks found.</summary>
    public SettingsForm With(IEnumerable<(string Field, string Fault)> faults)
    {
        Dictionary<string, string> byField = [];
        foreach ((string field, string fault) in faults)
        {
            // The field holds all rules or hosts, so the message names the wrong one.
            string whole = Place().Match(field).Value;
            byField.TryAdd(whole, whole == field ? fault : $"{field[whole.Length..]} {fault}");
        }

        return this with { Faults = byField };
    }

    private static SettingsForm Of(string? token, Func<ProjectSetting, string?> valueOf)
    {
        Dictionary<string, string> values = [];
        foreach ((string field, string? value) in ProjectSettingList.All.Select(setting => (setting.Name, valueOf(setting)))
            .Append((AskedSettings.TokenName, token)))
        {
            if (value is not null)
            {
                values[field] = value;
            }
        }

        return new SettingsForm(values, new Dictionary<string, string>());
    }

    private static string? Typed(IFormCollection form, string field) => form.TryGetValue(field, out StringValues typed) ? typed.ToString().Trim() : null;

    [GeneratedRegex(@"^[^\[]*")]
    private static partial Regex Place();
}
